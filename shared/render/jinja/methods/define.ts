/** Methods with Python's rules for arguments. */
import { bindParameters, type CallContext, type Parameter, type RuntimeValue } from '../values.ts'
import type { Method } from './methods.ts'

export function method(
  name: string,
  parameters: readonly Parameter[],
  handler: (context: CallContext, self: RuntimeValue, ...values: RuntimeValue[]) => RuntimeValue,
): [string, Method] {
  if (parameters.length === 0)
    return [
      name,
      (context, self, args, kwargs) => {
        if (args.length > 0 || kwargs.size > 0) bindParameters(name, parameters, args, kwargs)
        return handler(context, self)
      },
    ]
  return [
    name,
    (context, self, args, kwargs) =>
      handler(context, self, ...bindParameters(name, parameters, args, kwargs)),
  ]
}
