/** A folder for each minion: `ROOT/hosts/ID/a/b` is the value of `a: {b: …}`. */
import { OffsetMarks } from '../../data/marks.ts'
import { setMarks } from '../../data/provenance.ts'
import { type Dict, isDict, isList, type Value } from '../../data/value.ts'
import { renderers } from '../../render/renderers.ts'
import { TextSource } from '../../render/source-map.ts'
import { compileGlob } from '../../targeting/glob.ts'
import { type FolderFile, SourceTrouble } from '../machine.ts'
import { flagSetting, pillarSource, type SourceContext, textSetting } from './contract.ts'

export const fileTree = pillarSource({
  summary: "Files below root_dir/hosts/ID, each file's text under the path of its name.",
  settings: ['root_dir', 'follow_dir_links', 'keep_newline', 'template', 'raw_data', 'debug'],
  async read(settings, context) {
    const root = `${textSetting(settings, 'root_dir').replace(/\/+$/, '')}/hosts/${context.id}`
    const files = await context.machine.files(root, flagSetting(settings, 'follow_dir_links'))
    // Its name before it was called keep_newline; Salt lets it win where both are given.
    const isKept = chosenBy(settings, settings.has('raw_data') ? 'raw_data' : 'keep_newline')
    const isTemplate = chosenBy(settings, 'template')
    const tree: Dict = new Map()
    for (const file of files) {
      const text = isTemplate(file.path) ? await rendered(file, context) : file.text
      const ended = isKept(file.path) || !text.endsWith('\n') ? text : text.slice(0, -1)
      put(tree, file.path.split('/'), ended, `${root}/${file.path}`)
    }
    return tree
  },
})

/** `true` for all files, or a list of patterns for their paths. */
function chosenBy(settings: ReadonlyMap<string, Value>, name: string): (path: string) => boolean {
  const given = settings.get(name) ?? false
  if (typeof given === 'boolean') return () => given
  if (!isList(given)) throw new SourceTrouble(`"${name}" is neither true, false nor a list of patterns`)
  const globs = given.map((pattern) => compileGlob(String(pattern)))
  return (path) => globs.some((matches) => matches(path))
}

function put(tree: Dict, path: readonly string[], text: string, file: string): void {
  const [name = '', ...rest] = path
  const source = new TextSource(text, file)
  if (rest.length === 0) {
    setOne(tree, name, text, source)
    return
  }
  const below = tree.get(name)
  const inner: Dict = isDict(below) ? below : new Map()
  if (inner !== below) setOne(tree, name, inner, source)
  put(inner, rest, text, file)
}

/** Each file is a place of its own, so a mapping has marks for each of its keys. */
const marksByDict = new WeakMap<Dict, Map<unknown, OffsetMarks>>()

function setOne(dict: Dict, name: string, value: Value, source: TextSource): void {
  dict.set(name, value)
  const byKey = marksByDict.get(dict) ?? new Map<unknown, OffsetMarks>()
  marksByDict.set(dict, byKey)
  const marks = new OffsetMarks(source)
  marks.add(name, 0, 0)
  byKey.set(name, marks)
  setMarks(dict, {
    keyAt: (key) => byKey.get(key)?.keyAt(key),
    valueAt: (key) => byKey.get(key)?.valueAt(key),
  })
}

async function rendered({ path, text }: FolderFile, { id, grains, file }: SourceContext): Promise<string> {
  const name = `${file} ${path}`
  const { jinja } = renderers
  if (jinja?.kind !== 'template') return text
  const stage = { text, source: new TextSource(text, name) }
  const variables = { id, minion_id: id, grains }
  return (await jinja.render(stage, { file: name, variables, mapped: false })).text
}
