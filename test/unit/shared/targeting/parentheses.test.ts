/** Parentheses are words of their own: one that sticks to a name would make a target that means nobody, in silence. */
import { expect, test } from 'vitest'
import { compileTarget } from '../../../../shared/targeting/compile-target.ts'

const compile = (expression: string) => compileTarget({ kind: 'compound', expression })

test.each(['(web1)', '(web*', 'web1)', 'L@(web1,web2)', 'db1 or (G@os:Debian)'])(
  '%s is refused at its place',
  (expression) => {
    expect(() => compile(expression)).toThrow(
      expect.objectContaining({
        message: expect.stringContaining('a parenthesis is part of the word'),
        hint: 'Put spaces around it.',
        offset: expression.startsWith('db1') ? 7 : 0,
      }),
    )
  },
)

test.each(['( web1 )', 'E@web(1|2)', 'P@os:(Debian|Ubuntu)', 'G@model:X(2)', 'I@role:a(b)'])(
  '%s is not',
  (expression) => {
    expect(() => compile(expression)).not.toThrow()
  },
)
