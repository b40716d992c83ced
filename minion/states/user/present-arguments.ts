/** The arguments of user.present. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { nameList } from '../../../shared/schema/collections.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { account, accountName, flag, text, whole } from '../../../shared/schema/scalars.ts'
import { days } from './password-aging.ts'

const windows = 'Accepted for trees of Salt; only Windows has it.'

export const presentArguments = v.strictObject({
  name: needed(accountName, 'The user.'),
  uid: optional(whole, 'Number of the user. Not given: any.'),
  gid: optional(account, 'Primary group, by name or number; it has to exist. Not given: a group of its own.'),
  usergroup: optional(
    flag,
    'True: a group of the same name is the primary group, and is made with the user.',
  ),
  gid_from_name: optional(flag, 'Old name of `usergroup`.'),
  allow_uid_change: defaulted(flag, false, 'Change the number of a user that exists.'),
  allow_gid_change: defaulted(flag, false, 'Change the primary group of a user that exists.'),
  groups: optional(nameList, 'Further groups; each has to exist.'),
  optional_groups: optional(nameList, 'Further groups where they exist.'),
  remove_groups: defaulted(
    flag,
    true,
    'Take the user out of groups that are neither in `groups` nor in `optional_groups`.',
  ),
  home: optional(absolutePath, 'Home directory.'),
  createhome: defaulted(flag, true, 'Make the home directory where it is missing.'),
  shell: optional(absolutePath, 'Login shell.'),
  fullname: optional(text, 'Full name.'),
  roomnumber: optional(text, 'Room, kept with the full name.'),
  workphone: optional(text, 'Telephone at work, kept with the full name.'),
  homephone: optional(text, 'Telephone at home, kept with the full name.'),
  other: optional(text, 'Anything else, kept with the full name.'),
  system: defaulted(flag, false, 'A new user gets a number for the system.'),
  password: optional(text, 'Hash of the password, as in the shadow file. `!` or `*`: no password works.'),
  empty_password: defaulted(flag, false, 'Log in without a password.'),
  enforce_password: defaulted(flag, true, 'False: set the password of a new user only.'),
  hash_password: defaulted(
    flag,
    false,
    'True: `password` is the password itself; it is hashed here (SHA-512), and kept while it is the same.',
  ),
  password_lock: optional(flag, 'True: no password works until it is unlocked; False: unlock it.'),
  unique: defaulted(flag, true, 'False: the number may be that of another user as well.'),
  date: optional(days, 'When the password was last changed: days since the beginning of 1970, or a date.'),
  mindays: optional(days, 'Days that have to pass before the password may change.'),
  maxdays: optional(days, 'Days after which the password has to change; -1: never.'),
  warndays: optional(days, 'Days before that on which the user is warned.'),
  inactdays: optional(days, 'Days after that until the account is closed; -1: never.'),
  expire: optional(days, 'When the account ends: days since the beginning of 1970, or a date; -1: never.'),
  nologinit: defaulted(flag, false, 'Keep a new user with a high number out of lastlog and faillog.'),
  loginclass: optional(text, 'Accepted for trees of Salt; only BSD has it.'),
  local: optional(flag, 'Accepted for trees of Salt; users are always in the files of the machine.'),
  win_homedrive: optional(text, windows),
  win_profile: optional(text, windows),
  win_logonscript: optional(text, windows),
  win_description: optional(text, windows),
})

export type PresentArguments = v.InferOutput<typeof presentArguments>
