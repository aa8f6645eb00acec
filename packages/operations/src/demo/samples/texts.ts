import { gzipSync } from 'node:zlib';
import type { SampleFile } from './sample-file.ts';

/** What the demo looks for afterwards: in a document of the samples, with a particle and without. */
export const SEARCHES = ['결제', '결제를', 'receipts'] as const;
export const FOUND = '정산 안내.md';

/** A document, a log and a table of data. */
export function sampleTexts(): SampleFile[] {
  return [
    {
      name: FOUND,
      contentType: 'text/markdown',
      bytes: Buffer.from(GUIDE),
      expected: { status: 'ready', result: 'markdown in ko, “정산 안내”' },
    },
    {
      name: 'access.log.gz',
      contentType: 'application/gzip',
      bytes: gzipSync(LOG),
      expected: {
        status: 'ready',
        result: 'combined log: 6 lines, 5 rows, 1 unknown; 200 × 3, 404 × 1, 500 × 1',
      },
    },
    {
      name: '매출 2026-11-24.csv',
      contentType: 'text/csv',
      bytes: Buffer.from(SALES),
      expected: {
        status: 'ready',
        result: 'csv of sales: 5 rows, 3 in the lake, 1 left out, 1 rejected',
      },
    },
  ];
}

const GUIDE = `# 정산 안내

주문이 끝나면 결제는 다음 날 새벽에 정산됩니다. 영수증(receipts)은 주문 화면에서 내려받을 수 있습니다.

## 자주 묻는 질문

- 결제를 취소하면 언제 환불되나요? 영업일로 사흘 안에 환불됩니다.
- 세금 계산서는 어디에서 받나요? 정산이 끝난 다음 달 초에 전자 우편으로 보내 드립니다.
`;

const line = (path: string, status: number) =>
  `192.0.2.7 - - [24/Nov/2026:09:00:01 +0000] "GET ${path} HTTP/1.1" ${status} 512 "-" "Mozilla/5.0"`;
const LOG = `${[
  line('/', 200),
  line('/wheel', 200),
  line('/river?token=secret', 200),
  line('/missing', 404),
  'a line of no known form',
  line('/cart', 500),
].join('\n')}\n`;

/** One is cancelled, one has no number where one must be. */
const SALES = `주문번호,판매일,상품코드,매장,수량,금액,취소
A-1,2026-11-24 09:00:00,SKU-1,서울,2,"24,000",아니오
A-2,2026-11-24 09:05:00,SKU-2,부산,1,9000,아니오
A-3,2026-11-24 09:10:00,SKU-1,서울,1,12000,예
A-4,2026-11-24 09:15:00,SKU-3,제주,여러 개,7000,아니오
A-5,2026-11-24 09:20:00,SKU-2,제주,3,27000,아니오
`;
