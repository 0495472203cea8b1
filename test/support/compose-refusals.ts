/** What a recorded project is refused for: by us at a place, in words of ours, where Compose used its own. */
export type Refusal = {
  readonly at: string;
  readonly path?: string;
  readonly ours: RegExp;
  readonly theirs: RegExp;
};

const same = (at: string, path: string, words: RegExp): Refusal => ({ at, path, ours: words, theirs: words });

export const refusals: Readonly<Record<string, Refusal>> = {
  'bad-bool': same('4:17', 'services.a.privileged', /invalid boolean: "?maybe/),
  'bad-boolean-key': { at: '5:7', ours: /the key TRUE is not text/, theirs: /non-string key/ },
  'bad-command-number': {
    at: '4:25',
    path: 'services.a.command[1]',
    ours: /expected text, found 8080/,
    theirs: /must be a string/,
  },
  'bad-command-paren': {
    at: '4:14',
    path: 'services.a.command',
    ours: /"\(" needs quotes/,
    theirs: /invalid command line string/,
  },
  'bad-command-quote': {
    at: '4:14',
    path: 'services.a.command',
    ours: /a quote .* is not closed/,
    theirs: /invalid command line string/,
  },
  'bad-cycle': same('2:44', 'services.a.depends_on[0]', /dependency cycle detected: a -> b -> c -> a/),
  'bad-depends-inactive': same(
    '2:44',
    'services.a.depends_on[0]',
    /service "a" depends on undefined service "b"/,
  ),
  'bad-duplicate-key': { at: '4:5', ours: /already there/, theirs: /"image" already defined/ },
  'bad-duration': {
    at: '4:43',
    path: 'services.a.healthcheck.interval',
    ours: /expected text, found 30/,
    theirs: /must be a string/,
  },
  'bad-duration-word': same('4:24', 'services.a.stop_grace_period', /invalid duration "soon"/),
  'bad-empty-file': { at: '1:1', ours: /empty compose file/, theirs: /empty compose file/ },
  'bad-envfile-missing': same('4:15', 'services.a.env_file[0]', /env file .*gone.env not found/),
  'bad-environment-null': {
    at: '4:5',
    path: 'services.a.environment',
    ours: /expected a mapping or a list, found nothing/,
    theirs: /must be a mapping/,
  },
  'bad-extends-missing': same(
    '2:26',
    'services.a.extends.service',
    /cannot extend .*service "ghost" not found/,
  ),
  'bad-interp-syntax': same('3:12', 'services.a.image', /invalid interpolation format/),
  'bad-limits-conflict': same(
    '4:16',
    'services.a.mem_limit',
    /can't set distinct values on 'mem_limit' and 'deploy.resources.limits.memory'/,
  ),
  'bad-memory-unit': same('4:16', 'services.a.mem_limit', /invalid suffix: .parsecs/),
  'bad-mode-and-networks': same(
    '4:19',
    'services.a.network_mode',
    /declares mutually exclusive `network_mode` and `networks`/,
  ),
  'bad-name-scale': same(
    '2:47',
    'services.a.container_name',
    /can't set container_name and .*must be unique/,
  ),
  'bad-no-image': same('3:5', 'services.a', /has neither an image nor a build context specified/),
  'bad-port': same('4:13', 'services.a.ports[0]', /invalid hostPort: eighty/i),
  'bad-port-high': same('4:13', 'services.a.ports[0]', /invalid hostPort: 70000/i),
  'bad-port-ipv6-bare': same('4:13', 'services.a.ports[0]', /invalid ip address ::1/i),
  'bad-port-range': same(
    '4:13',
    'services.a.ports[0]',
    /invalid ranges specified for container and host ports: 80-81 and 8000-8002/i,
  ),
  'bad-required-var': same(
    '3:12',
    'services.a.image',
    /required variable APP_TAG is missing a value: set APP_TAG first/,
  ),
  // Which of the two is named varies in Compose.
  'bad-same-container-name': same(
    '3:47',
    'services.b.container_name',
    /container name "same" is already in use by service/,
  ),
  'bad-services-list': same('2:3', 'services', /services must be a mapping/),
  'bad-undefined-config': same('4:15', 'services.a.configs[0]', /refers to undefined config nowhere/),
  'bad-undefined-depends': same('4:18', 'services.a.depends_on[0]', /depends on undefined service "ghost"/),
  'bad-undefined-network': same('4:16', 'services.a.networks[0]', /refers to undefined network nowhere/),
  'bad-undefined-secret': same('4:15', 'services.a.secrets[0]', /refers to undefined secret nowhere/),
  'bad-unknown-key': {
    at: '4:5',
    path: 'services.a.imagee',
    ours: /unknown field "imagee"/,
    theirs: /additional properties 'imagee' not allowed/,
  },
  'bad-unknown-top': {
    at: '4:1',
    path: 'service',
    ours: /unknown field "service"/,
    theirs: /additional properties 'service' not allowed/,
  },
  'bad-user-int': {
    at: '4:11',
    path: 'services.a.user',
    ours: /expected text, found 1000/,
    theirs: /user must be a string/,
  },
  'bad-yaml-syntax': { at: '3:1', ours: /a tab cannot indent/, theirs: /cannot start any token/ },
  'clf-drupal-with-postgresql': {
    at: '20:9',
    path: 'services.drupal.volumes[0].is_directory',
    ours: /unknown field "is_directory"/,
    theirs: /additional properties 'is_directory' not allowed/,
  },
  'cmp-platform-not-in-build': same(
    '8:9',
    'services.platforms.build.platforms',
    /build.platforms must include service.platform "linux\/riscv64"/i,
  ),
  'nginx-proxy-separate-containers': {
    at: '36:5',
    path: 'services.dockergen.environment',
    ours: /expected a mapping or a list, found nothing/,
    theirs: /environment must be a mapping/,
  },
};
