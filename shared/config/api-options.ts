/** Option `api` of the master: the API over the network. */
import * as v from 'valibot'
import { flag, mapping, port, text } from './option.ts'

const described = <Schema extends v.GenericSchema>(schema: Schema, doc: string) =>
  v.pipe(schema, v.description(doc))

export const ApiOptions = v.strictObject({
  certificate: described(text, 'File with the certificate (PEM, with the chain behind it).'),
  key: described(text, 'File with its private key (PEM, 0600).'),
  host: v.optional(described(text, 'Address that it listens on.'), '0.0.0.0'),
  port: v.optional(described(port, 'Port that it listens on.'), 4511),
  app: v.optional(described(text, 'An HTML file, answered to browsers that ask for /, as of SaltGUI.')),
  static: v.optional(described(text, 'A folder, answered below /static to everybody.')),
  webhook_auth: v.optional(described(flag, 'Whether POST /hook/… needs a login.'), true),
  values: v.optional(
    described(
      mapping,
      'What wheel config.values tells beside the options that are no secret: saltgui_templates, …',
    ),
    {},
  ),
})
export type ApiOptions = v.InferOutput<typeof ApiOptions>
