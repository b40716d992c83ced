/** How an environment reads templates: `jinja_env` and `jinja_sls_env` of the configuration. */

export interface JinjaSettings {
  readonly blockStart: string
  readonly blockEnd: string
  readonly variableStart: string
  readonly variableEnd: string
  readonly commentStart: string
  readonly commentEnd: string
  readonly lineStatementPrefix: string | undefined
  readonly lineCommentPrefix: string | undefined
  readonly trimBlocks: boolean
  readonly lstripBlocks: boolean
  readonly keepTrailingNewline: boolean
  /** False: a missing name prints as nothing. */
  readonly strictUndefined: boolean
  readonly autoescape: boolean
}

export const defaultSettings: JinjaSettings = {
  blockStart: '{%',
  blockEnd: '%}',
  variableStart: '{{',
  variableEnd: '}}',
  commentStart: '{#',
  commentEnd: '#}',
  lineStatementPrefix: undefined,
  lineCommentPrefix: undefined,
  trimBlocks: false,
  lstripBlocks: false,
  keepTrailingNewline: false,
  strictUndefined: true,
  autoescape: false,
}

/** Two settings with the same key read every template the same. */
export function settingsKey(settings: JinjaSettings): string {
  return settings === defaultSettings ? '' : JSON.stringify(Object.values(settings))
}
