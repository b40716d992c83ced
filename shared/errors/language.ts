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
})
