/** Keys and passwords, from where an operator or the service manager keeps them. */
import type { Result } from '../base/result.js';

/** `credential`: a name in systemd's `$CREDENTIALS_DIRECTORY`. */
export type SecretPlace =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'credential'; readonly name: string };

/** How many bytes it may have. */
export interface SecretSize {
  readonly from: number;
  readonly to: number;
}

export interface SecretRefusal {
  readonly code: 'missing' | 'not-a-file' | 'readable-by-others' | 'size';
  /** Where, what was found, what was expected; never the secret. */
  readonly detail: string;
}

export interface Secrets {
  /** The bytes of the file; a line's end that an editor left behind is none of them, unless too few were left. */
  read(place: SecretPlace, size: SecretSize): Promise<Result<Uint8Array, SecretRefusal>>;
}
