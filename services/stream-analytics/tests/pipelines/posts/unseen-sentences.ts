import type { Judged } from './judged.ts';

const judged = (lines: string): Judged[] =>
  lines
    .trim()
    .split('\n')
    .map((line) => ({ polarity: line[0] as Judged['polarity'], text: line.slice(2) }));

/** Written after the rules, which were not changed for them: how well they do with what is new. */
export const UNSEEN_ENGLISH = judged(`
+ Just finished the marathon and I feel incredible
+ The new library is a joy to work with
+ My grandmother's pancakes are the tastiest in the world
+ Shout-out to the driver who returned my wallet
+ Two thumbs up for the battery life
+ This playlist is pure gold
+ The kids enjoyed every minute of it
+ Honestly the smoothest checkout I've ever seen
+ Well done, the docs are clear and helpful
+ It exceeded all my expectations
+ Can't stop smiling today
+ You won't be disappointed
+ Cheap, sturdy and it does what it says
- The zipper came off after a week
- Don't waste your evening on this show
- I've been on hold for fifty minutes, shame on you
- My knee hurts so badly
- The sound is tinny and there is no bass
- Overpriced and understaffed
- They keep ignoring our requests
- Why would anyone ship something this broken?
- The flight was delayed and we missed the wedding
- Stay away from this place
- The sauce tasted like plastic
- I want to cry, all my photos are gone
- It isn't worth the price
- Such a letdown after the first season
0 The museum is next to the river
0 Our train passes through four tunnels
0 I read the manual on the plane
0 The meeting was moved to Thursday
0 There are twelve chairs in the room
0 He works in the northern office
0 The recipe needs two eggs and flour
`);

export const UNSEEN_KOREAN = judged(`
+ 여기 국밥 진짜 끝내줘요
+ 아이가 너무 좋아해서 하나 더 샀어요
+ 덕분에 발표 잘 마쳤습니다
+ 색감이 곱고 재질도 부드러워요
+ 기다린 보람이 있네요
+ 오늘 날씨 맑고 상쾌하다
+ 이 가격에 이런 성능이라니 대단해요
+ 설명서가 자세해서 금방 조립했어요
+ 볼수록 매력 있는 배우
+ 친구랑 수다 떠니까 스트레스가 풀린다
+ 또 사고 싶은 제품이에요
+ 산책하니까 기분이 좋아졌어요
+ 나쁘다고 할 만한 점이 없어요
- 삼십 분째 기다리는데 아무도 안 나와요
- 한 번 빨았더니 다 늘어났어요
- 다시는 주문하지 않을 겁니다
- 광고만 잔뜩이고 내용이 없네요
- 충전이 안 돼요
- 입맛만 버렸네요
- 머리가 아프고 속이 울렁거려요
- 전화 응대가 너무 퉁명스럽네요
- 사진이랑 완전히 다른 물건이 왔어요
- 허리가 아파서 잠을 설쳤다
- 공사 소리 때문에 미치겠다
- 비추합니다, 돈 낭비예요
- 그 사람 태도가 마음에 들지 않아
- 결말이 허무하고 억지스러웠다
0 박물관은 강 옆에 있습니다
0 오후에 우체국에 들렀다
0 방에 의자가 열두 개 있다
0 이번 주 목요일로 옮겼습니다
0 비행기에서 설명서를 읽었다
0 달걀 두 개와 밀가루가 필요합니다
0 그는 북쪽 사무실에서 일한다
`);
