/** The borders of the house: who may import whom. */
module.exports = {
  forbidden: [
    {
      name: 'service-imports-no-service',
      comment:
        'Services know each other only through packages/types and the outputs that compose passes.',
      severity: 'error',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/([^/]+)/', pathNot: '^services/$1/' },
    },
    {
      name: 'package-imports-no-service',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^services/' },
    },
    {
      name: 'domain-knows-no-aws',
      comment: 'Rules and ports are testable without any mock; AWS is reached through adapters.',
      severity: 'error',
      from: { path: '^services/[^/]+/src/domain/' },
      to: { path: '@aws-sdk|aws-lambda|/src/(adapters|handlers)/' },
    },
    {
      name: 'adapters-know-no-handler',
      severity: 'error',
      from: { path: '^services/[^/]+/src/adapters/' },
      to: { path: '^services/[^/]+/src/handlers/' },
    },
    {
      name: 'sources-import-no-tests',
      severity: 'error',
      from: { path: '/src/' },
      to: { path: '/tests/' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      // Types only: `@types/aws-lambda` has no module behind it.
      to: { couldNotResolve: true, pathNot: '^aws-lambda$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(\\.esbuild|\\.serverless|samples)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'],
    },
  },
};
