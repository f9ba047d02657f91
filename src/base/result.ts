/** The outcome of something the world may refuse: a value, or an error that says why. */

export interface Ok<T> {
  readonly ok: true;
  readonly value: T;
}

export interface Failed<E> {
  readonly ok: false;
  readonly error: E;
}

export type Result<T, E> = Ok<T> | Failed<E>;

export function ok<T>(value: T): Ok<T> {
  return { ok: true, value };
}

export function fail<E>(error: E): Failed<E> {
  return { ok: false, error };
}

/** Success that carries nothing. */
export const done: Ok<undefined> = ok(undefined);
