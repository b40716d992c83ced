/** Grains of kernel, processor and memory. */
import { machine, release, type, version } from 'node:os'
import type { Plain } from '../data/value.ts'
import type { FactReader } from './fact-reader.ts'

export function kernelGrains(facts: FactReader): Record<string, Plain> {
  return {
    kernel: type(),
    kernelrelease: release(),
    kernelversion: version(),
    kernelparams: (facts.text('/proc/cmdline') ?? '')
      .trim()
      .split(/\s+/)
      .filter((word) => word !== '')
      .map((word) => {
        const at = word.indexOf('=')
        return at === -1 ? [word, null] : [word.slice(0, at), word.slice(at + 1)]
      }),
    cpuarch: machine(),
  }
}

export function processorGrains(facts: FactReader): Record<string, Plain> {
  const text = facts.text('/proc/cpuinfo') ?? ''
  const value = (name: string): string | undefined =>
    new RegExp(`^${name}\\s*:\\s*(.*)$`, 'm').exec(text)?.[1]?.trim()
  return {
    num_cpus: countProcessors(facts, text),
    cpu_model: value('model name') ?? value('Processor') ?? value('cpu') ?? 'Unknown',
    cpu_flags: (value('flags') ?? value('Features') ?? '').split(/\s+/).filter((flag) => flag !== ''),
  }
}

/** By the kernel's list of processors at work; /proc/cpuinfo may be longer than what was read. */
function countProcessors(facts: FactReader, cpuinfo: string): number {
  const online = facts.text('/sys/devices/system/cpu/online')?.trim()
  if (online === undefined || !/^[\d,-]+$/.test(online)) return cpuinfo.match(/^processor\s*:/gm)?.length ?? 1
  return online
    .split(',')
    .map((range) => range.split('-').map(Number))
    .reduce((sum, [first = 0, last = first]) => sum + last - first + 1, 0)
}

/** In MiB. */
export function memoryGrains(facts: FactReader): Record<string, Plain> {
  const text = facts.text('/proc/meminfo') ?? ''
  const mebibytes = (name: string): number =>
    Math.floor(Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(text)?.[1] ?? 0) / 1024)
  return { mem_total: mebibytes('MemTotal'), swap_total: mebibytes('SwapTotal') }
}
