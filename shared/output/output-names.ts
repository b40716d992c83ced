/** What `--out` and the option `output` may say. */
export const outputNames = [
  'nested',
  'highstate',
  'json',
  'yaml',
  'txt',
  'raw',
  'pprint',
  'table',
  'newline_values_only',
  'quiet',
  'no_return',
  'key',
  'progress',
  'profile',
] as const
export type OutputName = (typeof outputNames)[number]
