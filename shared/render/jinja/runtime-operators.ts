import {
  addValues,
  concatValues,
  divideValues,
  floorDivideValues,
  moduloValues,
  multiplyValues,
  negateValue,
  positiveValue,
  powerValues,
  subtractValues,
} from './operators.ts'
import { compareValues, containsValue, equalRuntime, type RuntimeValue, truthy } from './values.ts'

export class RuntimeOperators {
  autoescape: boolean

  constructor(autoescape: boolean) {
    this.autoescape = autoescape
  }

  truth(value: RuntimeValue, _at: number): boolean {
    return truthy(value)
  }
  add(a: RuntimeValue, b: RuntimeValue, _at: number): RuntimeValue {
    return addValues(a, b)
  }
  sub(a: RuntimeValue, b: RuntimeValue, _at: number): RuntimeValue {
    return subtractValues(a, b)
  }
  mul(a: RuntimeValue, b: RuntimeValue, _at: number): RuntimeValue {
    return multiplyValues(a, b)
  }
  div(a: RuntimeValue, b: RuntimeValue, _at: number): RuntimeValue {
    return divideValues(a, b)
  }
  floordiv(a: RuntimeValue, b: RuntimeValue, _at: number): RuntimeValue {
    return floorDivideValues(a, b)
  }
  mod(a: RuntimeValue, b: RuntimeValue, _at: number): RuntimeValue {
    return moduloValues(a, b)
  }
  pow(a: RuntimeValue, b: RuntimeValue, _at: number): RuntimeValue {
    return powerValues(a, b)
  }
  neg(value: RuntimeValue, _at: number): RuntimeValue {
    return negateValue(value)
  }
  pos(value: RuntimeValue, _at: number): RuntimeValue {
    return positiveValue(value)
  }
  concat(items: readonly RuntimeValue[], _at: number): RuntimeValue {
    return concatValues(items, this.autoescape)
  }
  eq(a: RuntimeValue, b: RuntimeValue, _at: number): boolean {
    return equalRuntime(a, b)
  }
  ne(a: RuntimeValue, b: RuntimeValue, _at: number): boolean {
    return !equalRuntime(a, b)
  }
  lt(a: RuntimeValue, b: RuntimeValue, _at: number): boolean {
    return (compareValues(a, b, '<') ?? 1) < 0
  }
  le(a: RuntimeValue, b: RuntimeValue, _at: number): boolean {
    return (compareValues(a, b, '<=') ?? 1) <= 0
  }
  gt(a: RuntimeValue, b: RuntimeValue, _at: number): boolean {
    return (compareValues(a, b, '>') ?? -1) > 0
  }
  ge(a: RuntimeValue, b: RuntimeValue, _at: number): boolean {
    return (compareValues(a, b, '>=') ?? -1) >= 0
  }
  isIn(a: RuntimeValue, b: RuntimeValue, _at: number): boolean {
    return containsValue(b, a)
  }
  notIn(a: RuntimeValue, b: RuntimeValue, _at: number): boolean {
    return !containsValue(b, a)
  }
}
