/** The port through which a pillar is compiled with more than files of the tree: the master's, or that of --local. */
import type { Ciphers } from '../render/ciphers.ts'

export interface PillarMachine {
  readonly ciphers: Ciphers
  /**
   * Runs a line in a shell, or a program, with nothing of our environment.
   * @throws what to say after "ext_pillar source …: ", as SourceTrouble
   */
  run(command: string | readonly string[], seconds: number): Promise<string>
  /** @throws SourceTrouble */
  get(url: string, options: GetOptions): Promise<string>
  /** All files below a folder by their paths, sorted; none where there is no such folder. @throws SourceTrouble */
  files(folder: string, followLinks: boolean): Promise<readonly FolderFile[]>
}

export interface GetOptions {
  readonly seconds: number
  readonly headers: Readonly<Record<string, string>>
  /** File of certificates that are trusted instead of the system's. */
  readonly caBundle: string | undefined
}

export interface FolderFile {
  readonly path: string
  readonly text: string
}

/** Why a source gave nothing, as the end of a sentence without its full stop. */
export class SourceTrouble extends Error {}
