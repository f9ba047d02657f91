/** What the C library is given and answers (libc.ts). */
declare const kind: unique symbol;

/** A file descriptor of this process. */
export type Descriptor = number & { readonly [kind]: 'descriptor' };

/** What a call answered when it failed: `errno` is a name such as `EPERM`. */
export interface SystemError {
  readonly call: string;
  readonly errno: string;
}

export interface SocketKind {
  readonly family: number;
  readonly type: number;
  readonly protocol: number;
}

export interface SocketOption {
  readonly level: number;
  readonly name: number;
}

/** One instruction of a classic BPF program (linux/filter.h). */
export interface FilterInstruction {
  readonly code: number;
  readonly operand: number;
  /** Of a comparison: how many of the instructions that follow are skipped where it holds, and where not. */
  readonly equal?: number;
  readonly otherwise?: number;
}
