/** `vipair clean`: removes what a daemon that does not come back has left in the kernel. */
import type { Result } from '../base/result.js';
import { readConfig } from './configuration.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import type { OutputForm } from './terminal.js';
import { complain, print, printJson } from './terminal.js';

export interface CleanHost {
  run(places: {
    readonly directory: string;
    readonly stateDirectory: string;
    readonly proxyConfig: string | undefined;
  }): Promise<
    Result<
      { readonly removed: readonly string[]; readonly refused: readonly string[] },
      { readonly detail: string }
    >
  >;
}

/** A configuration that is refused is no reason to leave anything: then what it usually says is gone by. */
export async function clean(
  { form, config }: { readonly form: OutputForm; readonly config: string },
  host: CleanHost,
): Promise<ExitCode> {
  const read = readConfig(config);
  const { directory, stateDirectory } = read.ok ? read.value.runtime : USUAL;
  const proxyConfig = read.ok ? read.value.proxy?.config : undefined;
  const cleaned = await host.run({ directory, stateDirectory, proxyConfig });
  if (!cleaned.ok) {
    complain(`vipair clean: ${cleaned.error.detail}; nothing was removed`);
    return EXIT.refused;
  }
  const { removed, refused } = cleaned.value;
  if (form === 'json') {
    printJson(cleaned.value);
  } else {
    print(removed.map((each) => `removed: ${each}`).join('\n'));
    for (const each of refused) {
      complain(`vipair clean: ${each}`);
    }
  }
  return refused.length === 0 ? EXIT.ok : EXIT.failed;
}

const USUAL = { directory: '/run/vipair', stateDirectory: '/var/lib/vipair' };
