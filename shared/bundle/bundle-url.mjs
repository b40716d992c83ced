// What `import.meta.url` becomes in the CommonJS bundles.
import { pathToFileURL } from 'node:url'
export const __bundleUrl = pathToFileURL(__filename).href
