import { defineErrors } from './definition.ts'

/** Of the API over the network: who asks, how often, in what form. */
export const apiErrors = defineErrors({
  'api-unusable': {
    message: 'The API cannot be opened: {reason}.',
    exit: 78,
    http: 500,
  },
  'token-in-url': {
    message: 'A token in a URL is not taken: URLs end in logs and histories.',
    exit: 64,
    http: 400,
    hint: 'Send it as "X-Auth-Token: …" or "Authorization: Bearer …"; a browser has it in its cookie after /login.',
  },
  'rate-limited': {
    message: 'Too many requests from {who}.',
    exit: 75,
    http: 429,
    hint: 'Try again in {seconds} seconds.',
  },
  'cross-site': {
    message: 'This request comes from a page of another site, {origin}, and is not taken with the cookie.',
    exit: 77,
    http: 403,
    hint: 'Send the token as "X-Auth-Token: …" instead of the cookie.',
  },
  'content-type-unknown': {
    message: 'The form of the body is not one that is read here.',
    exit: 64,
    http: 415,
    hint: 'Send "Content-Type: application/json"; the routes of salt-api also take application/x-www-form-urlencoded and application/x-yaml.',
  },
  'form-unknown': {
    message: 'The answer cannot be had as {wanted}.',
    exit: 64,
    http: 406,
    hint: 'Ask with "Accept: application/json" or "Accept: application/x-yaml".',
  },
  'low-invalid': {
    message: '{where}: {reason}.',
    exit: 64,
    http: 400,
  },
})
