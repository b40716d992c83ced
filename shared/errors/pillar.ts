/** Errors of compiling a pillar. */
import { defineErrors } from './definition.ts'

export const pillarErrors = defineErrors({
  'pillar-sls-missing': {
    message: 'Pillar SLS "{sls}" is not in environment "{environment}".',
    exit: 1,
    http: 400,
    hint: 'Make the file, correct the name, or write "- ignore_missing: True" below the target.',
  },
  'pillar-environment-missing': {
    message: 'There is no pillar environment "{environment}"; there are: {known}.',
    exit: 1,
    http: 400,
    hint: 'The option pillar_roots names the environments.',
  },
  'pillar-sls-invalid': {
    message: 'Pillar SLS "{sls}": {reason}.',
    exit: 1,
    http: 400,
    hint: 'A pillar SLS is a mapping.',
  },
  'pillar-include-invalid': {
    message: 'Include in pillar SLS "{sls}": {reason}.',
    exit: 1,
    http: 400,
    hint: 'Write a list of names; "key" and "defaults" go below a name with a colon.',
  },
  'cipher-not-here': {
    message: 'What is encrypted with {cipher} is opened only where pillars are compiled.',
    exit: 1,
    http: 400,
    hint: 'Move the value to the pillar and look it up from there.',
  },
  'cipher-key-missing': {
    message: 'No key opens this block, which is encrypted with {cipher} for {keys}; looked in {where}.',
    exit: 1,
    http: 400,
  },
  'cipher-failed': {
    message: 'A block that is encrypted with {cipher} could not be opened: {reason}.',
    exit: 1,
    http: 400,
  },
  'cipher-from-grain': {
    message:
      'A block that is encrypted with {cipher} came from a grain, which a minion sets itself: it is not opened.',
    exit: 1,
    http: 400,
    hint: 'Write the block into a file of the pillar. A minion could hand in what is meant for another one.',
  },
  'cipher-keys-loose': {
    message: 'The keys in {file} can be read or changed by others than their owner.',
    exit: 1,
    http: 400,
    hint: 'Run: chmod 0600 {file}',
  },
  'pillar-source-unknown': {
    message: 'There is no source "{source}" for ext_pillar.',
    exit: 1,
    http: 400,
  },
  'pillar-source-invalid': {
    message: 'ext_pillar: {reason}.',
    exit: 1,
    http: 400,
    hint: 'Write a list with one source in each entry: "- cmd_yaml: COMMAND".',
  },
  'pillar-source-failed': {
    message: 'ext_pillar source "{source}": {reason}.',
    exit: 1,
    http: 502,
  },
  'pillar-decrypt-invalid': {
    message: 'decrypt_pillar: {reason}.',
    exit: 1,
    http: 400,
    hint: 'Write a list of paths: "- secrets:db", or "- secrets:db: gpg" with the renderer that opens it.',
  },
  'pillar-secret-chosen-by-grain': {
    message:
      'Pillar SLS "{sls}" holds secrets ({secrets}) and was chosen by the grain {grains}, which a minion sets itself.',
    exit: 1,
    http: 400,
    hint: 'Choose it by the id of the minion, or vouch for the grain in the configuration: "trusted_grains: [{grains}]".',
  },
  'pillar-secret-beside-grain': {
    message:
      'Pillar SLS "{sls}" holds secrets ({secrets}) and reads the grain {grains}, which a minion sets itself.',
    exit: 1,
    http: 400,
    hint: 'Keep the secrets in a file of their own that reads no grain, or vouch for it: "trusted_grains: [{grains}]".',
  },
  'pillar-secret-behind-grain': {
    message:
      'Pillar SLS "{sls}" holds secrets ({secrets}), and what brings it in reads the grain {grains}, which a minion sets itself.',
    exit: 1,
    http: 400,
    hint: 'Choose it by the id of the minion in a file that reads no grain, or vouch for the grain: "trusted_grains: [{grains}]".',
  },
  'pillar-source-chosen-by-grain': {
    message:
      'ext_pillar source "{source}" gave secrets ({secrets}) and was asked with the grain {grains}, which a minion sets itself.',
    exit: 1,
    http: 400,
    hint: 'Ask it with the id of the minion, or vouch for the grain in the configuration: "trusted_grains: [{grains}]".',
  },
  'pillar-runner-refused': {
    message: 'A template of a pillar may not start the runner {runner}.',
    exit: 1,
    http: 403,
    hint: 'Of runners, templates of pillars have mine.get.',
  },
  'pillar-function-refused': {
    message: 'A template of a pillar calls "{function}", which would run on the master.',
    exit: 1,
    http: 400,
    hint: 'Grains, which a minion sets itself, may be among its words. Where that is safe, permit it in the configuration: "pillar_functions: [{function}]".',
  },
  'pillar-function-elsewhere': {
    message:
      'A template of a pillar cannot call "{function}": pillars are compiled on the master, and this asks a minion or a service of it.',
    exit: 1,
    http: 400,
    hint: 'Call it in a state, or fetch the data with ext_pillar.',
  },
  'pillar-function-failed': {
    message: 'The function "{function}" failed: {reason}.',
    exit: 1,
    http: 400,
  },
  'pillar-key-missing': {
    message: 'The pillar has no key "{key}".',
    exit: 1,
    http: 400,
    hint: 'See what it has with pillar.items; the minion reads it anew with saltutil.refresh_pillar.',
  },
  'pillar-key-no-mapping': { message: 'The pillar value of "{key}" is not a mapping.', exit: 1, http: 400 },
})
