/** The operators' socket, with what stands behind it. */
import type { MasterSetup, Stops } from '../setup.ts'
import { makeApi } from './make-api.ts'
import type { ApiServices } from './services.ts'

export type ApiNeeds = Omit<ApiServices, 'options' | 'clock' | 'log'>

export async function openOperatorSocket(
  { options, clock, logger }: MasterSetup,
  needs: ApiNeeds,
  stops: Stops,
): Promise<void> {
  const api = makeApi({ ...needs, options, clock, log: logger })
  stops.push(() => api.close())
  await api.listen(options.socket, options.socket_group)
}
