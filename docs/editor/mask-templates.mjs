// Takes templates out of an SLS file so that what is left is YAML with every character in its place: statements and
// comments become blanks, a value that is filled in becomes a word of the same length.

/** `{% … %}`, `{# … #}`, `{{ … }}` of Jinja; `{{#if …}}`, `{{/if}}`, `{{else}}`, `{{!-- … --}}` of Handlebars. */
const parts = /\{%[\s\S]*?%\}|\{#[\s\S]*?#\}|\{\{!--[\s\S]*?--\}\}|\{\{\{?[\s\S]*?\}\}\}?/g
const statement = /^(?:\{%|\{#|\{\{[~-]?\s*(?:[#/!^>]|else\b))/

/**
 * @returns the text, and where values were filled in: `[from, to]` as offsets
 */
export function maskTemplates(text) {
  const filled = []
  const masked = text.replace(parts, (part, at) => {
    if (statement.test(part)) return part.replace(/[^\n]/g, ' ')
    filled.push([at, at + part.length])
    return part.replace(/[^\n]/g, 'x')
  })
  // Jinja's statements of a line.
  return { masked, filled, isTemplate: masked !== text }
}

/** Offsets of the beginnings of lines. */
export function lineStarts(text) {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}
