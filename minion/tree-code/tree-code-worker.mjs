// The thread in which modules of a tree run. It changes nothing by itself: what a function asks of the machine goes to
// the minion as a message, which does it by the job's own Reader or Changer. Plain JavaScript, as a thread has no bundle.
import { parentPort, workerData } from 'node:worker_threads'

let facts = { grains: new Map(), pillar: new Map() }
let asked = 0
const open = new Map()
const decisions = new Map()
const aborts = new Map()

const tell = (message) => parentPort.postMessage(message)

const { looks, changes } = workerData

function ask(call, side, port, method, args) {
  return new Promise((resolve, reject) => {
    const number = ++asked
    open.set(number, { resolve, reject })
    tell({ kind: 'ask', call, number, side, port, method, args })
  })
}

function ports(call, side, table) {
  const made = {}
  for (const [port, methods] of Object.entries(table)) {
    made[port] = {}
    for (const method of methods) made[port][method] = (...args) => ask(call, side, port, method, args)
  }
  return made
}

const readerOf = (call) => ({ ...ports(call, 'look', looks), grains: facts.grains, pillar: facts.pillar })

function changerOf(call) {
  const abort = new AbortController()
  aborts.set(call, abort)
  return { ...ports(call, 'act', changes), look: readerOf(call), signal: abort.signal }
}

async function definitionOf(file) {
  const loaded = await import(file)
  const { default: module } = loaded
  if (typeof module !== 'object' || module === null || typeof module.functions !== 'object' || module.functions === null)
    throw new TypeError('it has no "export default stateModule({…})" or "export default execModule({…})"')
  return module
}

async function functionOf(file, name) {
  const { functions } = await definitionOf(file)
  if (!Object.hasOwn(functions, name)) throw new TypeError(`it has no function ${name}`)
  return functions[name]
}

const kept = ['summary', 'examples', 'repeats', 'restArguments', 'readOnly', 'rest', 'restKeywords', 'whileRendering']

async function describe({ file }) {
  const { summary, functions } = await definitionOf(file)
  const described = {}
  for (const [name, definition] of Object.entries(functions)) {
    const facts = {}
    for (const key of kept) if (definition[key] !== undefined) facts[key] = definition[key]
    described[name] = {
      ...facts,
      args: definition.args,
      checks: typeof definition.check === 'function',
      refreshes: typeof definition.refresh === 'function',
      runs: typeof definition.run === 'function',
    }
  }
  return { summary, functions: described }
}

async function decide(call, { file, fun, method, args, run }) {
  const definition = await functionOf(file, fun)
  const decision = await definition[method](args, readerOf(call), run)
  if (decision?.kind !== 'drift') return decision
  const { apply, ...rest } = decision
  if (typeof apply !== 'function') throw new TypeError('a drift has an "apply"')
  if (!run.test) decisions.set(call, apply)
  return rest
}

async function apply(call, { decision }) {
  const work = decisions.get(decision)
  decisions.delete(decision)
  const applied = await work(changerOf(call))
  return applied ?? undefined
}

async function run(call, { file, fun, args, context }) {
  const definition = await functionOf(file, fun)
  return definition.run(args, { ...context, look: readerOf(call), act: changerOf(call) })
}

const works = { describe: (_, message) => describe(message), decide, apply, run }

async function serve(message) {
  const { call } = message
  try {
    const value = await works[message.kind](call, message)
    tell({ kind: 'done', call, value })
  } catch (error) {
    tell({ kind: 'failed', call, reason: reasonOf(error), token: error?.token })
  } finally {
    aborts.delete(call)
  }
}

/** The message, and the first place in a file of the tree. */
function reasonOf(error) {
  if (!(error instanceof Error)) return String(error)
  const name = error.name === 'Error' || error.name === 'SyntaxError' ? '' : `${error.name}: `
  const place = /(_(?:modules|states|utils)\/[^\s?()]+\.js)(?:\?[^:]*)?:(\d+):(\d+)/.exec(error.stack ?? '')
  return `${name}${error.message}${place ? ` (${place[1]}, line ${place[2]}, column ${place[3]})` : ''}`
}

parentPort.on('message', (message) => {
  if (message.kind === 'facts') facts = message
  else if (message.kind === 'abort') aborts.get(message.call)?.abort(message.reason)
  else if (message.kind === 'answer') {
    const waiting = open.get(message.number)
    open.delete(message.number)
    if (message.error === undefined) waiting?.resolve(message.value)
    else {
      const { reason, code, token } = message.error
      waiting?.reject(Object.assign(new Error(reason), { code, token }))
    }
  } else void serve(message)
})
