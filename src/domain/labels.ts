// Identity is in immutable labels: they are set at create and never say anything that may change later.

export const ownerLabel = 'shorefast.owner';
export const appLabel = 'shorefast.app';
export const stackLabel = 'shorefast.stack';
export const serviceLabel = 'shorefast.service';
export const replicaLabel = 'shorefast.replica';
export const generationLabel = 'shorefast.gen';
export const specHashLabel = 'shorefast.spec-hash';
/** The hash of what only a new container can change. */
export const coreHashLabel = 'shorefast.core-hash';
/** Which files were put into the container: no inspect shows them. Absent: none. */
export const filesLabel = 'shorefast.files';
/** The declared restart policy: a retired container has `no`, and gets this one back if it is to serve again. */
export const restartLabel = 'shorefast.restart';
/** `pre-deploy` or `post-deploy`: run once for a version of the stack, and no replica of any service. */
export const hookLabel = 'shorefast.hook';
export const revisionLabel = 'shorefast.revision';

type Labels = Readonly<Record<string, string>>;

/** Whose a thing is, by its labels: what an object must be for us to touch it. */
export function isOwnedBy(labels: Labels, owner: string): boolean {
  return labels[ownerLabel] === owner;
}

/** Compose's own, by which other tools group containers. Once a container is made they cannot be changed either. */
export const composeLabels = {
  project: 'com.docker.compose.project',
  service: 'com.docker.compose.service',
  number: 'com.docker.compose.container-number',
  oneoff: 'com.docker.compose.oneoff',
  network: 'com.docker.compose.network',
  volume: 'com.docker.compose.volume',
} as const;

/** For messages: who holds something that is not ours. */
export function describeHolder(labels: Labels): string {
  const owner = labels[ownerLabel];
  if (owner !== undefined) return `Shorefast instance "${owner}" (stack ${labels[stackLabel] ?? 'unknown'})`;
  const project = labels[composeLabels.project];
  if (project !== undefined) return `Docker Compose project "${project}"`;
  return 'something without Shorefast labels';
}

/**
 * The canonical name the container was made for: labels that someone copied to a container of another name
 * do not make that container ours to remove.
 */
export const nameLabel = 'shorefast.name';
