/**
 * What an engine has shown: made of this generation, the container would come out as it is. Told by the id of the
 * container, of which nothing changes that another container would have to be made for.
 */
export type Equality = {
  readonly containerId: string;
  /** Of the spec's hash. */
  readonly generation: string;
  /** Another version may fill in other defaults: `20.10.24 (API 1.41)`. */
  readonly engine: string;
};
