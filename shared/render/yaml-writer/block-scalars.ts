/** Literal (`|`) and folded (`>`) texts. */
import { isBlankOrEnd, isBreak } from './characters.ts'
import type { Page } from './page.ts'

/** @param step spaces for each level, for texts that start with blanks */
export function writeBlockScalar(page: Page, text: string, folded: boolean, step: number): void {
  const head = (folded ? '>' : '|') + hints(text, step)
  page.indicator(head, true)
  page.openEnded = head.endsWith('+')
  page.newLine()
  page.indention = true
  page.whitespace = true
  if (folded) writeFolded(page, text)
  else writeLiteral(page, text)
}

function hints(text: string, step: number): string {
  const first = text.charCodeAt(0)
  const indent = first === 32 || isBreak(first) ? String(step) : ''
  if (!isBreak(text.charCodeAt(text.length - 1))) return `${indent}-`
  return text.length === 1 || isBreak(text.charCodeAt(text.length - 2)) ? `${indent}+` : indent
}

function writeBreak(page: Page, text: string, at: number): void {
  if (text.charCodeAt(at) === 10) page.newLine()
  else {
    page.put(text.charAt(at))
    page.column = 0
  }
  page.indention = true
}

function writeLiteral(page: Page, text: string): void {
  let afterBreak = true
  for (let at = 0; at < text.length; at++) {
    if (isBreak(text.charCodeAt(at))) {
      writeBreak(page, text, at)
      afterBreak = true
    } else {
      if (afterBreak) page.startLine()
      page.put(text.charAt(at))
      page.indention = false
      afterBreak = false
    }
  }
}

function writeFolded(page: Page, text: string): void {
  let afterBreak = true
  let blankLine = true
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (isBreak(unit)) {
      if (!afterBreak && !blankLine && unit === 10) {
        let next = at
        while (isBreak(text.charCodeAt(next))) next++
        if (!isBlankOrEnd(text.charCodeAt(next))) page.newLine()
      }
      writeBreak(page, text, at)
      afterBreak = true
      continue
    }
    if (afterBreak) {
      page.startLine()
      blankLine = unit === 32 || unit === 9
    }
    const folds = !afterBreak && unit === 32 && text.charCodeAt(at + 1) !== 32 && page.column > page.width
    if (folds) page.startLine()
    else page.put(text.charAt(at))
    page.indention = false
    afterBreak = false
  }
}
