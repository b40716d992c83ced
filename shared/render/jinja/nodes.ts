/** What the parser makes of a template. Every node knows its offset in the text. */

interface At {
  /** Offset in the template. */
  readonly at: number
}

export type Constant = null | boolean | string | { readonly int: string } | { readonly float: string }

export interface Arguments {
  readonly args: readonly Expression[]
  readonly kwargs: readonly { readonly name: string; readonly value: Expression }[]
  /** `*rest` */
  readonly rest: Expression | undefined
  /** `**rest` */
  readonly keywordRest: Expression | undefined
}

export interface NameNode extends At {
  readonly kind: 'name'
  readonly name: string
}
export interface CallNode extends At, Arguments {
  readonly kind: 'call'
  readonly of: Expression
}
export interface FilterNode extends At, Arguments {
  readonly kind: 'filter'
  /** undefined: the body of a filter block. */
  readonly of: Expression | undefined
  readonly name: string
}
export interface TestNode extends At, Arguments {
  readonly kind: 'test'
  readonly of: Expression
  readonly name: string
}
export interface GetAttributeNode extends At {
  readonly kind: 'attribute'
  readonly of: Expression
  readonly name: string
}
export interface GetItemNode extends At {
  readonly kind: 'item'
  readonly of: Expression
  readonly key: Expression
}
export interface SliceNode extends At {
  readonly kind: 'slice'
  readonly start: Expression | undefined
  readonly stop: Expression | undefined
  readonly step: Expression | undefined
}
export type BinaryOperator = '+' | '-' | '*' | '/' | '//' | '%' | '**'
export type CompareOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in'

export type Expression =
  | (At & { readonly kind: 'constant'; readonly value: Constant })
  | NameNode
  | (At & { readonly kind: 'tuple'; readonly items: readonly Expression[] })
  | (At & { readonly kind: 'list'; readonly items: readonly Expression[] })
  | (At & { readonly kind: 'dict'; readonly pairs: readonly { key: Expression; value: Expression }[] })
  | GetAttributeNode
  | GetItemNode
  | SliceNode
  | CallNode
  | FilterNode
  | TestNode
  | (At & {
      readonly kind: 'binary'
      readonly operator: BinaryOperator
      readonly left: Expression
      readonly right: Expression
    })
  | (At & { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression })
  | (At & { readonly kind: 'not' | 'negative' | 'positive'; readonly of: Expression })
  | (At & {
      readonly kind: 'compare'
      readonly first: Expression
      readonly others: readonly { readonly operator: CompareOperator; readonly value: Expression }[]
    })
  | (At & { readonly kind: 'concat'; readonly items: readonly Expression[] })
  | (At & {
      readonly kind: 'conditional'
      readonly test: Expression
      readonly yes: Expression
      readonly no: Expression | undefined
    })

export type Target =
  | NameNode
  | (At & { readonly kind: 'tuple'; readonly items: readonly Target[] })
  | (At & { readonly kind: 'namespace'; readonly name: string; readonly attribute: string })

export interface MacroNode extends At {
  readonly kind: 'macro'
  readonly name: string
  readonly parameters: readonly NameNode[]
  /** For the last parameters. */
  readonly defaults: readonly Expression[]
  readonly body: readonly Statement[]
}
export interface CallBlockNode extends At {
  readonly kind: 'callblock'
  readonly call: CallNode
  readonly parameters: readonly NameNode[]
  readonly defaults: readonly Expression[]
  readonly body: readonly Statement[]
}
export interface ForNode extends At {
  readonly kind: 'for'
  readonly target: Target
  readonly iterable: Expression
  readonly condition: Expression | undefined
  readonly recursive: boolean
  readonly body: readonly Statement[]
  readonly otherwise: readonly Statement[]
}
export interface IfNode extends At {
  readonly kind: 'if'
  readonly test: Expression
  readonly body: readonly Statement[]
  readonly elifs: readonly { readonly test: Expression; readonly body: readonly Statement[] }[]
  readonly otherwise: readonly Statement[]
}
export interface BlockNode extends At {
  readonly kind: 'block'
  readonly name: string
  readonly scoped: boolean
  readonly required: boolean
  readonly body: readonly Statement[]
}
export interface ImportNode extends At {
  readonly kind: 'import'
  readonly template: Expression
  readonly target: string
  readonly withContext: boolean
}
export interface FromImportNode extends At {
  readonly kind: 'fromimport'
  readonly template: Expression
  readonly names: readonly { readonly name: string; readonly as: string; readonly at: number }[]
  readonly withContext: boolean
}
export interface IncludeNode extends At {
  readonly kind: 'include'
  readonly template: Expression
  readonly ignoreMissing: boolean
  readonly withContext: boolean
}
export interface SetNode extends At {
  readonly kind: 'set'
  readonly target: Target
  readonly value: Expression
}
export interface SetBlockNode extends At {
  readonly kind: 'setblock'
  readonly target: Target
  readonly filter: FilterNode | undefined
  readonly body: readonly Statement[]
}
export interface WithNode extends At {
  readonly kind: 'with'
  readonly targets: readonly Target[]
  readonly values: readonly Expression[]
  readonly body: readonly Statement[]
}
export interface DataNode extends At {
  readonly kind: 'data'
  readonly text: string
}

export type Statement =
  | DataNode
  | (At & { readonly kind: 'print'; readonly value: Expression })
  | ForNode
  | IfNode
  | MacroNode
  | CallBlockNode
  | (At & { readonly kind: 'filterblock'; readonly filter: FilterNode; readonly body: readonly Statement[] })
  | WithNode
  | SetNode
  | SetBlockNode
  | BlockNode
  | (At & { readonly kind: 'extends'; readonly template: Expression })
  | IncludeNode
  | ImportNode
  | FromImportNode
  | (At & { readonly kind: 'autoescape'; readonly value: Expression; readonly body: readonly Statement[] })
  | (At & { readonly kind: 'do'; readonly value: Expression })
  | (At & { readonly kind: 'scope'; readonly body: readonly Statement[] })
  | (At & { readonly kind: 'break' | 'continue' })

export interface TemplateNode {
  readonly body: readonly Statement[]
}
