/** Filters that look at the machine or the network. Those that a port answers go there; all others say why not. */
import { type CallContext, defineFilter, type FilterFunction, PyError, type RuntimeValue } from '../values.ts'

export const hostFilters: readonly (readonly [string, FilterFunction])[] = [
  viaPort('which', ['exe'], 'cmd.which'),
  viaPort('get_uid', ['user'], 'file.user_to_uid'),
  viaPort('file_hashsum', ['path', ['form', 'sha256'], ['chunk_size', 65536]], 'file.get_hash'),
  viaPort('is_empty', ['filename'], 'file.is_empty'),
  viaPort('is_text_file', ['fp_', ['blocksize', 512]], 'file.is_text_file', 1),
  viaPort('is_bin_file', ['path'], 'file.is_bin_file'),
  viaPort('list_files', ['directory'], 'file.list_files'),
  viaPort('dns_check', ['addr', ['port', 80], ['safe', false], ['ipv6', null]], 'network.dns_check', 4),
  ['http_query', (context, args, kwargs) => answer(context, 'http_query', 'http.query', args, kwargs)],
  refused('json_query', 'JMESPath is not offered', "Use traverse('a:b'), map(attribute='x') and selectattr."),
]

/** @param handed so many of its arguments the function takes too */
function viaPort(
  name: string,
  parameters: Parameters<typeof defineFilter>[1],
  call: string,
  handed = 2,
): [string, FilterFunction] {
  return defineFilter(name, parameters, (context, ...values) => {
    const given = values.slice(0, handed)
    while (given.at(-1) === null) given.pop()
    return answer(context, name, call, given)
  })
}

function answer(
  context: CallContext,
  name: string,
  call: string,
  values: readonly RuntimeValue[],
  keywords: ReadonlyMap<string, RuntimeValue> = new Map(),
): RuntimeValue {
  const { salt } = context.ports
  if (salt.has(call)) return salt.call(call, context, values, keywords)
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
