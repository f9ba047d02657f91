/** `vipair clean`: removes what a daemon that does not come back has left in the kernel. */
import type { Result } from '../base/result.js';
import type { ExitCode } from './exit-codes.js';
import { EXIT } from './exit-codes.js';
import type { OutputForm } from './terminal.js';
import { complain, print, printJson } from './terminal.js';

export interface CleanHost {
  run(): Promise<
    Result<
      { readonly removed: readonly string[]; readonly refused: readonly string[] },
      { readonly detail: string }
    >
  >;
}

export async function clean(form: OutputForm, host: CleanHost): Promise<ExitCode> {
  const cleaned = await host.run();
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
