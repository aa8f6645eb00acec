/** Lines as servers write them: few hosts and agents, many addresses and paths, one in fifty an error. */
export const FORMATS = ['combined', 'alb', 'cloudfront', 'vpc-flow', 'json-lines'] as const;
export type FormatName = (typeof FORMATS)[number];

const AGENTS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1',
  'kube-probe/1.33',
];
const CHUNK_LINES = 400;
const START = Date.UTC(2026, 10, 24, 8);

const HEADERS: Partial<Record<FormatName, string>> = {
  cloudfront: `#Version: 1.0
#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query x-edge-result-type x-edge-request-id time-taken
`,
};

/** The same lines in every run, made as they are read. */
export async function* generate(format: FormatName, lines: number): AsyncGenerator<Uint8Array> {
  const header = HEADERS[format];
  if (header) yield Buffer.from(header);
  for (let from = 0; from < lines; from += CHUNK_LINES) {
    const count = Math.min(CHUNK_LINES, lines - from);
    const chunk = Array.from({ length: count }, (_, index) => LINE[format](entry(from + index)));
    yield Buffer.from(`${chunk.join('\n')}\n`);
  }
}

/** Numbers that look like chance and are the same in every run. */
function entry(number: number) {
  const noise = Math.imul(number ^ 0x9e3779b9, 0x85ebca6b) >>> 0;
  const status = noise % 50 > 0 ? 200 : noise % 100 > 0 ? 404 : 503;
  return {
    time: new Date(START + number * 7),
    client: `203.0.${noise % 113}.${(noise >>> 8) % 256}`,
    path: `/products/${(noise >>> 4) % 5000}`,
    page: noise % 9,
    agent: AGENTS[noise % AGENTS.length] ?? '',
    bytes: 500 + (noise % 20_000),
    id: noise.toString(16).padStart(8, '0'),
    status,
  };
}

type Entry = ReturnType<typeof entry>;

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

function apacheTime(time: Date): string {
  const [date = '', clock = ''] = time.toISOString().split('T');
  const month = MONTHS[time.getUTCMonth()];
  return `${date.slice(8)}/${month}/${date.slice(0, 4)}:${clock.slice(0, 8)} +0000`;
}

const LINE: Readonly<Record<FormatName, (entry: Entry) => string>> = {
  combined: ({ time, client, path, page, status, bytes, agent }) =>
    `${client} - - [${apacheTime(time)}] "GET ${path}?page=${page} HTTP/1.1" ${status} ${bytes} "https://shop.example/" "${agent}"`,
  alb: ({ time, client, path, page, status, bytes, agent, id }) =>
    `https ${time.toISOString()} app/shop/50dc6c495c0c9188 ${client}:40${page}1 10.0.0.${page}:80 0.000 0.0${page}1 0.000 ${status} ${status} 341 ${bytes} "GET https://shop.example:443${path}?page=${page} HTTP/2.0" "${agent}" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup/shop/73e2d6bc24d8a067 "Root=1-${id}-36d228ad5d99923122bbe354" "shop.example" "-" 0 ${time.toISOString()} "forward" "-" "-" "10.0.0.${page}:80" "${status}" "-" "-" TID_${id}`,
  cloudfront: ({ time, client, path, page, status, bytes, agent, id }) => {
    const [date, clock = ''] = time.toISOString().split('T');
    return `${date}\t${clock.slice(0, 8)}\tICN54-C1\t${bytes}\t${client}\tGET\td111111abcdef8.cloudfront.net\t${path}\t${status}\thttps://shop.example/\t${encodeURIComponent(agent)}\tpage=${page}\tHit\t${id}==\t0.00${page}`;
  },
  'vpc-flow': ({ time, client, page, bytes, status }) => {
    const start = Math.floor(time.getTime() / 1000);
    return `2 123456789010 eni-1235b8ca123456789 ${client} 172.31.16.${page} 4${page}761 443 6 20 ${bytes} ${start} ${start + 60} ${status === 200 ? 'ACCEPT' : 'REJECT'} OK`;
  },
  'json-lines': ({ time, path, page, status, id, bytes }) =>
    `{"time":"${time.toISOString()}","level":"${status === 503 ? 'error' : 'info'}","message":"request done","method":"GET","path":"${path}?page=${page}","status":${status},"requestId":"${id}","bytes":${bytes}}`,
};
