import { cpSync, existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** What serverless-esbuild passes to its plugins file, as far as it is needed here. */
interface Serverless {
  readonly processedInput: { readonly commands: readonly string[] };
  readonly service: { readonly functions: Readonly<Record<string, { readonly handler?: string }>> };
}

/** What esbuild passes to a plugin, as far as it is needed here. */
interface Build {
  readonly initialOptions: { readonly entryPoints?: readonly string[]; readonly outdir?: string };
  onResolve(
    filter: { readonly filter: RegExp },
    resolve: (args: { readonly path: string }) => { path: string; external: true },
  ): void;
  onEnd(end: () => void): void;
}

/** sharp and what it loads when it runs on Lambda (linux-x64): nothing of it can be bundled. */
const NATIVE = 'sharp';
const RUNTIME_PACKAGES = [
  'sharp',
  '@img/colour',
  'detect-libc',
  'semver',
  '@img/sharp-linux-x64',
  '@img/sharp-libvips-linux-x64',
] as const;

/** Types, headers, notes and installers that nothing loads. */
const UNUSED =
  /\.(d\.[cm]?ts|h|md|map)$|\/(sharp\/(src|install)|glib-2\.0|semver\/bin|\.bin)(\/|$)/;

/**
 * Leaves sharp out of the bundle and puts the installed packages beside it, so that packaging needs
 * no second installation from the registry (which is what serverless-esbuild's own `external` does).
 * When the service runs locally nothing is copied: Node finds sharp in the service's node_modules.
 */
export default function nativeModules(serverless: Serverless) {
  const isPackaged = ['package', 'deploy'].includes(serverless.processedInput.commands[0] ?? '');
  return [
    {
      name: 'native-modules',
      setup(build: Build) {
        let isUsed = false;
        build.onResolve({ filter: new RegExp(`^${NATIVE}$`) }, ({ path }) => {
          isUsed = true;
          return { path, external: true };
        });
        build.onEnd(() => {
          if (!isUsed || !isPackaged) return;
          const [entry = ''] = build.initialOptions.entryPoints ?? [];
          for (const target of packageFolders(
            serverless,
            entry,
            build.initialOptions.outdir ?? '',
          )) {
            copyRuntime(join(target, 'node_modules'));
          }
        });
      },
    },
  ];
}

/** serverless-esbuild zips `__only_<function>/` of its build folder into that function alone. */
function packageFolders({ service }: Serverless, entry: string, outdir: string): string[] {
  const handler = entry.replace(/\.[^.]+$/, '');
  const root = outdir.slice(0, outdir.length - dirname(entry).length);
  return Object.entries(service.functions)
    .filter(([, definition]) => definition.handler?.replace(/\.[^.]+$/, '') === handler)
    .map(([name]) => join(root, `__only_${name}`));
}

function copyRuntime(nodeModules: string): void {
  const sharp = packageFolder(createRequire(join(process.cwd(), 'package.json')), NATIVE);
  const native = createRequire(join(sharp, 'package.json'));
  for (const name of RUNTIME_PACKAGES) {
    const source = name === NATIVE ? sharp : packageFolder(native, name);
    cpSync(source, join(nodeModules, name), {
      recursive: true,
      dereference: true,
      filter: (path) => !UNUSED.test(path),
    });
  }
}

/** The folder of an installed package, whether or not it exports its package.json. */
function packageFolder(require: NodeJS.Require, name: string): string {
  for (const nodeModules of require.resolve.paths(name) ?? []) {
    const folder = join(nodeModules, name);
    if (existsSync(join(folder, 'package.json'))) return realFolder(folder);
  }
  throw new Error(
    `${name} is not installed. Install the packages for linux-x64 before packaging: pnpm install --cpu x64 --os linux --libc glibc.`,
  );
}

function realFolder(folder: string): string {
  const { name } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (typeof name !== 'string') throw new Error(`${folder} is not a package.`);
  return folder;
}
