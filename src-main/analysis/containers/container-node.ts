/** A part of a file: where it lies, and what lies in it. */

export type ContainerNode = {
  name: string;
  /** What it is for, where that is known. */
  note?: string;
  offset: number;
  size: number;
  children?: ContainerNode[];
};

export interface Container {
  nodes: ContainerNode[];
  /** The first byte after the picture; null where the structure does not tell. */
  end: number | null;
  /** Why the structure cannot be followed further; null where it was read to its end. */
  problem: string | null;
}

/** Nodes that are listed of one file, whatever it holds; what is beyond is told as a problem. */
export const mostNodes = 3000;
