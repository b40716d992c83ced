/** What a tree holds beside the tree: version control and the litter of editors. Never served, never compiled. */

const folders = new Set(['.git', '.svn', '.hg', '.bzr', 'CVS', '__pycache__'])
const litter = /(?:~|\.swp|\.swo|\.swx|\.pyc|\.pyo)$|^\.#|^#.*#$|^\.DS_Store$|^4913$/

export function isIgnoredFolder(name: string): boolean {
  return folders.has(name)
}

export function isIgnoredFile(name: string): boolean {
  return litter.test(name)
}
