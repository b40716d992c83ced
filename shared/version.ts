/** The version of tsalt, and of the Salt whose language it follows (what `grains.saltversion` says). */
import packageJson from '../package.json' with { type: 'json' }

export const version: string = packageJson.version
export const saltVersion = '3006.9'
