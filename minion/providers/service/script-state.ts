/** What is known of a service that is an init script. */
import type { ServiceState } from '../../system/reader.ts'

export const absentScript: ServiceState = {
  exists: false,
  running: false,
  active: 'inactive',
  enabled: false,
  enablement: '',
  masked: false,
}

export const scriptState = (running: boolean, enabled: boolean, active?: string): ServiceState => ({
  exists: true,
  running,
  active: active ?? (running ? 'active' : 'inactive'),
  enabled,
  enablement: enabled ? 'enabled' : 'disabled',
  masked: false,
})
