/** `--config-dump`: the configuration of the master as it counts, secrets left out. */
import type { PlaceOptions } from './command-line.ts'
import type { Console } from './console.ts'
import { configFileOf } from './socket-path.ts'

/** @throws TsaltError of the configuration */
export async function dumpConfig(
  { configDir, rootDir }: Pick<PlaceOptions, 'configDir' | 'rootDir'>,
  console: Console,
): Promise<number> {
  const [{ loadOptions }, { masterOptions }, { withoutSecrets }, { yamlText }, { toValue }] =
    await Promise.all([
      import('../../shared/config/load.ts'),
      import('../../shared/config/master-options.ts'),
      import('../../shared/pillar/without-secrets.ts'),
      import('../../shared/output/yaml-text.ts'),
      import('../../shared/data/value.ts'),
    ])
  const options = loadOptions(masterOptions, configFileOf({ configDir, rootDir }), { root_dir: rootDir })
  const values = toValue(options as Parameters<typeof toValue>[0]) as Parameters<typeof withoutSecrets>[0]
  console.out(yamlText(withoutSecrets(values)))
  return 0
}
