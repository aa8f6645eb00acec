/** Of each form the lines of a small log: its headers, and entries of every kind that it knows. */
export const COMBINED = [
  '203.0.113.9 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326 "http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav)"',
  '203.0.113.9 - - [10/Oct/2000:13:55:37 -0700] "GET /search?q=%EA%B2%B0%EC%A0%9C&access_token=s3cret HTTP/1.1" 404 -',
  '2001:db8:1:2:3:4:5:6 - Ann Lee [29/Feb/2024:23:59:60 +0900] "POST /a \\"b\\" HTTP/1.1" 503 0 "-" "-" "198.51.100.77" 0.012',
  '198.51.100.20 - - [24/Nov/2026:08:00:00 +0000] "\\x16\\x03\\x01" 400 150 "-" "\\xEA\\xB2\\xB0"',
];

export const ALB = [
  'http 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.0.2.39:2817 10.0.0.1:80 0.000 0.001 0.000 200 200 34 366 "GET http://www.example.com:80/items?token=abc&page=2 HTTP/1.1" "curl/7.46.0" - - arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 "Root=1-58337262-36d228ad5d99923122bbe354" "-" "-" 0 2018-07-02T22:22:48.364000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-" TID_1234abcd',
  'https 2018-07-02T22:23:01.186641Z app/my-loadbalancer/50dc6c495c0c9188 [2001:db8:aa:bb::1]:2817 - -1 -1 -1 502 - 34 366 "- http://www.example.com:80- " "-" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 - "Root=1-58337281-1d84f3d73c47ec4e58577259"',
];

export const CLOUDFRONT = [
  '#Version: 1.0',
  '#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) time-taken fle-status',
  '2026-11-24\t08:00:00\tICN54-C1\t1045\t192.0.2.183\tGET\td111111abcdef8.cloudfront.net\t/index.html\t200\thttps://example.com/?email=a@b.kr\tMozilla/5.0%20(Linux)\tsig=abc&w=640\tsession=secret\t0.002\tProcessed',
  '2026-11-24\t08:00:01\tICN54-C1\t0\t2001:db8:85a3::8a2e:370:7334\tGET\td111111abcdef8.cloudfront.net\t/gone\t000\t-\t-\t-\t-\t1.5\t-',
];

export const VPC_FLOW = [
  '2 123456789010 eni-1235b8ca123456789 172.31.16.139 203.0.113.12 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK',
  '2 123456789010 eni-1235b8ca123456789 203.0.113.99 172.31.9.12 49761 3389 6 20 4249 1418530010 1418530070 REJECT OK',
  '2 123456789010 eni-1235b8ca123456789 - - - - - - - 1431280876 1431280934 - NODATA',
  '2 123456789010 eni-1235b8ca123456789 - - - - - - - 1431280876 1431280934 - SKIPDATA',
];

export const VPC_FLOW_CUSTOM = [
  'version vpc-id srcaddr pkt-srcaddr tcp-flags start flow-direction ecs-cluster-name',
  '5 vpc-abcdefab012345678 10.0.1.5 2001:db8:7:8::9 19 1566848875 ingress shop',
];

export const JSON_LINES = [
  '{"level":30,"time":1764000000123,"msg":"started, password=hunter2 was given","pid":7}',
  '{"timestamp":"2026-11-24T08:00:00.5+09:00","severity":"ERROR","message":"결제 failed","order":{"token":"abc","id":5}}',
  '{"time":"2026-11-24T08:00:00Z","method":"GET","path":"/a?key=1&b=2","status":404}',
];
