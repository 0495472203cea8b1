// The pattern of IPv6 addresses as NPM tells it in its answers, with the backslashes that got lost on its way.
const group = '[0-9A-Fa-f]{1,4}';
const octet = '(25[0-5]|2[0-4]d|1dd|[1-9]?d)';
const dotted = `(${octet}(.${octet}){3})`;

const alternatives = [
  `((${group}:){7}(${group}|:))`,
  `((${group}:){6}(:${group}|${dotted}|:))`,
  `((${group}:){5}(((:${group}){1,2})|:${dotted}|:))`,
  `((${group}:){4}(((:${group}){1,3})|((:${group})?:${dotted})|:))`,
  ...[3, 2, 1].map(
    (left) => `((${group}:){${left}}(((:${group}){1,${7 - left}})|((:${group}){0,${5 - left}}:${dotted})|:))`,
  ),
  `(:(((:${group}){1,7})|((:${group}){0,5}:${dotted})|:))`,
];

export const ipv6Pattern = `^s*(${alternatives.join('|')})(%.+)?s*(/([0-9]|[1-9][0-9]|1[0-1][0-9]|12[0-8]))?$`;

export const ipv4Pattern = '^([0-9]{1,3}\\.){3}[0-9]{1,3}(/([0-9]|[1-2][0-9]|3[0-2]))?$';
