/** The trees as the rest of the master sees them: hashes for jobs, deltas and contents for minions. */
import type { Sha256 } from '../../shared/ids.ts'
import type { Body } from '../../shared/protocol/registry.ts'

export interface Answer<Of> {
  readonly body: Of
  /** Contents one after another, as the body lists them. */
  readonly attachment: Uint8Array
}

export interface FileService {
  /** In configured order. */
  environments(): Promise<readonly string[]>
  /** Paths of an environment as it is now, sorted. @throws TsaltError `environment-unknown` */
  list(environment: string): Promise<readonly string[]>
  /**
   * Environment → hash of its manifest, as the trees are now: every change made before the call is in it.
   * Concurrent calls share scans.
   */
  treeHashes(): Promise<Readonly<Record<string, Sha256>>>
  /** @throws TsaltError `environment-unknown` */
  delta(request: Body<'file.manifest'>): Promise<Answer<Body<'file.delta'>>>
  /** Only contents that the environment's newest manifest names. @throws TsaltError `environment-unknown`, `blobs-too-large` */
  blobs(request: Body<'file.get'>): Promise<Answer<Body<'file.blobs'>>>
}
