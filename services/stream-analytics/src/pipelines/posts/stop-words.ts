/** Words that every post has, whatever it is about. */
const ENGLISH =
  'a about after again all also am an and any anyone anything are around as at away back be became because been before being below between both but by came can cannot come could day days did do does doing done down each else even ever every everyone everything few first for from get gets getting give go goes going gone gonna got had has have having he her here hers him his how i if in into is it its itself just keep know last let like lot made make makes making many may maybe me might more most much must my myself need never new next no nobody none nor not nothing now of off ok okay on once one only or other our ours out over own people please put quite really right said same say says see seen she should since so some someone something soon still such sure take than that the their theirs them then there these they thing things think this those though through time to today together tomorrow too two under until up upon us use used very via wanna want was way we well went were what when where which while who whom whose why will with without would yeah yes yesterday yet you your yours yourself re ve ll don didn doesn isn aren wasn weren won wouldn couldn shouldn hasn haven hadn ain im ive dont cant rt lol amp';

/** As they stand in posts, with and without their usual endings. */
const KOREAN =
  '그리고 그러나 그런데 그래서 그러면 그럼 하지만 또는 또한 및 그냥 아주 매우 너무 정말 진짜 완전 좀 조금 많이 더 가장 제일 다시 계속 자꾸 이미 아직 벌써 이제 지금 오늘 어제 내일 항상 매일 방금 요즘 이번 저번 다음 우리 저희 제가 저는 나는 내가 너는 네가 당신 그녀 그는 이것 그것 저것 이거 그거 저거 여기 거기 저기 이런 그런 저런 어떤 무슨 무엇 뭐가 누구 누가 어디 언제 어떻게 얼마나 모든 모두 전부 다들 다른 같은 같이 함께 때문 때문에 위해 위한 통해 대한 대해 따라 관한 있는 있다 있어 있어요 있습니다 있네요 있고 있을 있지 있던 없는 없다 없어 없어요 없습니다 없네요 없이 없고 하는 하다 하고 해요 했어요 했다 합니다 했습니다 하지 하면 해서 하니 하네요 하기 되는 되다 돼요 됐어요 됩니다 되고 되면 아니 아니고 아니라 아닌 않은 않는 않고 않아 않아요 않네요 않습니다 이다 입니다 이에요 예요 이고 같아 같아요 같습니다 같은데 싶다 싶어 싶어요 싶은 싶지 싶네요 싶습니다 보다 보고 보니 봤어요 봤는데 가서 가고 가는 갔는데 와서 오는 왔어요 주고 주세요 줘서 한번 하나 하나도 전혀 별로 정도 경우 사람 사람들 생각 처음 마지막 그때 이렇게 그렇게 저렇게 이걸 그걸 에서 으로 까지 부터 에게 께서 처럼 만큼 라고 이라고 거의 바로 특히 역시 혹시 아마 물론 진심 약간 여러분 저도 나도 우리도 하루 시간 때는 때도 동안 것도 것은 것이 것을 건데 거예요 겁니다 거야 합시다 하세요 하자 해도 해야 했는데 하지만요 네요 어요 습니다';

/** Of the languages that most posts are in; a word of one is hardly ever what another is about. */
const OTHERS =
  'el la los las un una unos de del al y que en es por para con sin se su sus mi tu te lo le les como pero más muy ya esta este esto hay todo cuando porque os as um uma do da dos das em na não são foi seu sua meu minha mas mais isso eu você le les des du et ou qui est sont pour par avec ne pas sa son ses mon ma mes je il elle nous vous ce cette ces mais plus très au aux dans sur comme tout der die das den dem ein eine einen und oder ist sind war ich du er sie es wir ihr nicht kein mit von zu für auf im am aus bei nach wie aber auch sehr schon noch nur wenn dass il gli di della che è sono per non si ti ci ma più molto het een en of zijn ik je hij zij niet geen voor met van op te dat die och att det som är jag på av för till inte w z na nie się jest ja ale jak bir bu şu ve için ile çok yang dan ini itu untuk dengan tidak saya';

const WORDS = new Set(`${ENGLISH} ${KOREAN} ${OTHERS}`.split(' '));

/** @param word lower case. */
export function isStopWord(word: string): boolean {
  return WORDS.has(word);
}
