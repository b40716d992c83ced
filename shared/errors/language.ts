/** Errors of YAML, templates and the compiler of states: what a user wrote in a tree. */
import { defineErrors } from './definition.ts'

export const languageErrors = defineErrors({
  'yaml-syntax': { message: 'This is not YAML: {reason}.', exit: 1, http: 400 },
  'yaml-duplicate-key': {
    message: 'Found conflicting ID "{key}": the same key stands twice in one mapping.',
    exit: 1,
    http: 400,
    hint: 'Rename one of them, or join their contents.',
  },
  'yaml-key-unhashable': {
    message: 'A {kind} cannot be a key.',
    exit: 1,
    http: 400,
    hint: 'Write the key as plain text, in quotes where it contains "{", "[" or ": ".',
  },
  'yaml-alias-unknown': {
    message: 'There is no anchor "&{name}" for "*{name}".',
    exit: 1,
    http: 400,
    hint: 'A value that only starts with "*" needs quotes.',
  },
  'yaml-alias-limit': {
    message: 'The aliases of this document unfold to more than {limit} values.',
    exit: 1,
    http: 400,
    hint: 'Use fewer aliases ("*name"), or move repeated data to the pillar.',
  },
  'yaml-alias-recursive': {
    message: 'The alias "*{name}" stands inside its own anchor.',
    exit: 1,
    http: 400,
    hint: 'Data cannot contain itself: write out the inner value.',
  },
  'yaml-tag-unknown': {
    message: 'Unknown tag "{tag}".',
    exit: 1,
    http: 400,
    hint: 'Known are !secret, !!str, !!int, !!float, !!bool, !!null, !!map and !!seq. A value that starts with "!" needs quotes.',
  },
  'yaml-tag-mismatch': {
    message: '"{text}" cannot be read as {tag}.',
    exit: 1,
    http: 400,
    hint: 'Change the value or leave out the tag.',
  },
  'yaml-merge-invalid': {
    message: '"<<" takes a mapping or a list of mappings.',
    exit: 1,
    http: 400,
    hint: 'Give it an alias of a mapping: "<<: *name".',
  },
  'yaml-several-documents': {
    message: 'There is more than one YAML document.',
    exit: 1,
    http: 400,
    hint: 'Remove the "---" line, or split the file.',
  },
  'template-syntax': {
    message: 'The template cannot be read: {reason}.',
    exit: 1,
    http: 400,
    hint: 'Close every block that you open; put a backslash before braces that are meant as text.',
  },
  'template-undefined': {
    message: '"{name}" is not defined {where}.',
    exit: 1,
    http: 400,
    hint: 'Define it, or give a default, or put an "if" around it.',
  },
  'template-unprintable': {
    message: 'A {kind} cannot be printed.',
    exit: 1,
    http: 400,
    hint: 'Print it with the helpers json or yaml, or walk it with each.',
  },
  'template-helper-unknown': { message: 'There is no helper "{helper}".', exit: 1, http: 400 },
  'template-argument': {
    message: 'Helper "{helper}": {reason}.',
    exit: 1,
    http: 400,
    hint: 'docs/reference/handlebars.md lists the helpers with their arguments.',
  },
  'template-partial-missing': {
    message: 'There is no partial "{name}".',
    exit: 1,
    http: 400,
    hint: 'A partial is a file of the tree, named by its path from the root, or "./name" beside the template.',
  },
  'template-limit': {
    message: 'The template is stopped: more than {limit} {what}.',
    exit: 1,
    http: 400,
    hint: 'Look for a partial that includes itself, or a loop in a loop over a large list.',
  },
  'template-engine-unknown': {
    message: 'There is no template engine "{engine}".',
    exit: 1,
    http: 400,
    hint: 'Use "handlebars".',
  },
  'language-jinja-unsupported': {
    message: 'This file needs Jinja, which comes with the next release of the language.',
    exit: 1,
    http: 400,
    hint: 'Write it in Handlebars (first line "#!handlebars|yaml", or name it *.yaml). A file without Jinja syntax needs no Jinja and works.',
  },
  'language-renderer-unsupported': {
    message: 'The renderer "{renderer}" runs program code and is not supported.',
    exit: 1,
    http: 400,
    hint: 'Write the file as YAML with a template ("#!handlebars|yaml"), or generate it before.',
  },
  'language-renderer-unknown': { message: 'There is no renderer "{renderer}".', exit: 1, http: 400 },
  'language-json': {
    message: 'This is not JSON: {reason}.',
    exit: 1,
    http: 400,
    hint: 'Check commas and quotes.',
  },
})
