/** `tsalt events`: what happened, and what happens. */
import { Option } from 'commander'
import { decodeValue } from '../../shared/data/codec.ts'
import { toValue } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { localTime } from '../../shared/output/durations.ts'
import { formatValue, isDocument, type OutputSettings } from '../../shared/output/format.ts'
import { type Paint, paintOf } from '../../shared/output/paint.ts'
import { harmlessLine } from '../../shared/output/terminal-text.ts'
import {
  addOutputOptions,
  newCommand,
  type OutputOptions,
  parseWords,
  seconds,
  wholeNumber,
} from './command-line.ts'
import { type Console, speaksUnicode, wantsColor } from './console.ts'
import { exitCodes } from './exit-codes.ts'
import { type EventsWanted, followEvents, type ShownEvent } from './follow-events.ts'
import type { MasterClient } from './master-client.ts'
import { addLoginOptions, addReachOptions, type LoginOptions, type ReachOptions } from './network-options.ts'
import { withMaster } from './open-master.ts'
import { type Output, openOutput } from './output-file.ts'

interface EventsOptions extends ReachOptions, LoginOptions, OutputOptions {
  follow: boolean
  since?: string
  count?: number
  tags: boolean
}

const examples = `
Examples:
  tsalt events                              everything that is kept
  tsalt events --since 10m 'salt/job/*'     of the last ten minutes
  tsalt events --follow                     from now on, until Ctrl-C
  tsalt events --follow --since 1207        after event 1207, and from then on
  tsalt events --follow --out json          a JSON document on each line`

/** @returns 0; 130 where Ctrl-C ended it */
export async function runEvents(words: readonly string[], console: Console): Promise<number> {
  const command = newCommand(
    'tsalt events',
    "[options] ['<tag glob>' ...]",
    'Shows the event bus of the master: jobs, returns, keys, minions that come and go, and what minions send.',
    console,
  ).argument('[tags...]')
  command
    .option('-f, --follow', 'go on with what happens from now on', false)
    .option('--since <time>', 'from 90s, 10m, 2h, 1d ago, from a date, or after the number of an event')
    .addOption(new Option('--count <number>', 'end after so many').argParser(wholeNumber))
    .option('--tags', 'tags only, without data', false)
  addLoginOptions(addReachOptions(addOutputOptions(command))).addHelpText('after', examples)
  parseWords(command, words)
  const options = command.opts<EventsOptions>()
  const wanted: EventsWanted = {
    tags: command.args,
    follow: options.follow,
    ...(options.since === undefined ? {} : beginning(options.since, console.clock.now())),
  }
  return withMaster(options, console, (client) => showEvents(client, wanted, options, console))
}

async function showEvents(
  client: MasterClient,
  wanted: EventsWanted,
  options: EventsOptions,
  console: Console,
): Promise<number> {
  const stop = new AbortController()
  const deaf = console.onInterrupt(() => stop.abort())
  const output = openOutput(console, options)
  let left = options.count ?? Number.POSITIVE_INFINITY
  const show = writer(output, options, console)
  try {
    for await (const event of followEvents(client, console, wanted, stop.signal)) {
      show(event)
      left -= 1
      if (left <= 0) break
    }
  } finally {
    deaf()
    output.close()
  }
  return stop.signal.aborted ? exitCodes.interrupted : exitCodes.ok
}

/** @throws TsaltError `usage-wrong` */
function beginning(text: string, now: number): Pick<EventsWanted, 'after' | 'since'> {
  if (/^\d{1,15}$/.test(text)) return { after: Number(text) }
  if (/^\d+[smhd]$/.test(text)) return { since: now - seconds(text) * 1000 }
  const moment = Date.parse(text)
  if (!Number.isNaN(moment)) return { since: moment }
  throw new TsaltError(
    'usage-wrong',
    { reason: `"${text}" is no moment` },
    { hint: 'For example: --since 10m, --since "2026-01-31 12:00", --since 1207 (after that event)' },
  )
}

function writer(output: Output, options: EventsOptions, console: Console): (event: ShownEvent) => void {
  const color = options.outFile !== undefined ? options.forceColor : wantsColor(console, options)
  const settings: OutputSettings = {
    out: options.out,
    stateForm: 'short',
    stateVerbose: true,
    color,
    unicode: speaksUnicode(console.env),
    // One document on a line, for programs that read lines.
    indent: options.outIndent ?? -1,
  }
  const paint = paintOf(color)
  return (event) => {
    if (isDocument(settings)) output.write(documentOf(event, options.tags, settings))
    else output.write(linesOf(event, options.tags, settings, paint))
  }
}

function documentOf(
  { sequence, tag, at, data }: ShownEvent,
  tagsOnly: boolean,
  settings: OutputSettings,
): string {
  const fields = {
    sequence,
    tag,
    stamp: new Date(at).toISOString(),
    ...(tagsOnly ? {} : { data: decodeValue(data) }),
  }
  const text = formatValue(toValue(fields), settings)
  return text.endsWith('\n') ? text : `${text}\n`
}

function linesOf(
  { sequence, tag, at, data }: ShownEvent,
  tagsOnly: boolean,
  settings: OutputSettings,
  paint: Paint,
): string {
  const head = `${paint('dim', `${localTime(at)}  ${String(sequence).padStart(6)}`)}  ${paint('bold', harmlessLine(tag))}\n`
  if (tagsOnly) return head
  const body = formatValue(decodeValue(data), settings)
  return `${head}${body.replace(/^(?=.)/gm, '    ')}`
}
