/** What one daemon asks the other: to go into maintenance, because it knows best whether it can. */
import { z } from 'zod';

/** A question `maintenance`. Whoever is asked goes into it, or refuses. */
export interface MaintenanceAsked {
  /** `any`: although it would be master all the same, or both nodes were in it. */
  readonly successor: 'ready' | 'any';
}

export type MaintenanceDone =
  /** It stands; `holds`: the groups that it has all the same. */
  | { readonly kind: 'ordered'; readonly holds: readonly string[] }
  | { readonly kind: 'refused'; readonly code: string; readonly detail: string };

const MOST_TEXT = 512;
const MOST_GROUPS = 64;
const text = z.string().max(MOST_TEXT);

export const MAINTENANCE_ASKED: z.ZodType<MaintenanceAsked> = z.object({
  successor: z.enum(['ready', 'any']),
});

export const MAINTENANCE_DONE: z.ZodType<MaintenanceDone> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ordered'), holds: z.array(text).max(MOST_GROUPS) }),
  z.object({ kind: z.literal('refused'), code: text, detail: text }),
]);
