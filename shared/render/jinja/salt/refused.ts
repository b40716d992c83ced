/** Filters that look at the machine or the network. Those that a port answers go there; all others say why not. */
import { type CallContext, defineFilter, type FilterFunction, PyError, type RuntimeValue } from '../values.ts'

export const hostFilters: readonly (readonly [string, FilterFunction])[] = [
  viaPort('which', ['exe'], 'cmd.which'),
  viaPort('get_uid', ['user'], 'file.user_to_uid'),
  viaPort('file_hashsum', ['path', ['form', 'sha256'], ['chunk_size', 65536]], 'file.get_hash'),
  refused(
    'is_empty',
    'it asks for a file of the machine',
    "Call salt['file.stats'](path) and look at its size.",
  ),
  refused(
    'is_text_file',
    'it reads a file of the machine',
    "Call salt['cmd.run']('file -b --mime-encoding PATH').",
  ),
  refused(
    'is_bin_file',
    'it reads a file of the machine',
    "Call salt['cmd.run']('file -b --mime-encoding PATH').",
  ),
  refused('list_files', 'it walks a directory of the machine', "Call salt['file.find'](path)."),
  refused('http_query', 'a filter sends no requests', "Call salt['http.query'](url)."),
  refused('dns_check', 'a template asks no name server', "Call salt['cmd.run']('getent hosts NAME')."),
  refused('json_query', 'JMESPath is not offered', "Use traverse('a:b'), map(attribute='x') and selectattr."),
]

function viaPort(
  name: string,
  parameters: Parameters<typeof defineFilter>[1],
  call: string,
): [string, FilterFunction] {
  return defineFilter(name, parameters, (context, ...values) =>
    answer(context, name, call, values.slice(0, 2)),
  )
}

function answer(
  context: CallContext,
  name: string,
  call: string,
  values: readonly RuntimeValue[],
): RuntimeValue {
  const { salt } = context.ports
  if (salt.has(call)) return salt.call(call, context, values, new Map())
  throw new PyError('TemplateRuntimeError', `The filter "${name}" needs ${call}, which is not offered here`)
}

function refused(name: string, reason: string, hint: string): [string, FilterFunction] {
  return [
    name,
    () => {
      throw new PyError('TemplateRuntimeError', `The filter "${name}" is not offered: ${reason}`, hint)
    },
  ]
}
