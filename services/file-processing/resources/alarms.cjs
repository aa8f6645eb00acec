// @ts-check
/**
 * Alarms of all functions and queues of the service; they are alike. They are told to the SNS topic
 * of --param alarmTopicArn=…; without one they only show.
 */
const kinds = require('./kinds.cjs');

/** @param {string} name */
const logical = (name) => name.charAt(0).toUpperCase() + name.slice(1);

const ASYNCHRONOUS = ['routeUpload', 'removeDerived'];
const WORKERS = [
  ...['giveUp', 'transcodeSegment', 'joinSegments'],
  ...Object.keys(kinds).map((kind) => `process${logical(kind)}`),
];
/** By operators, who see what fails. */
const INVOKED = ['reprocessUploads'];
/** Whatever is in them is a failure. */
const FAILURES = { FailuresQueue: 'Uploads were given up and wait in the failures queue.' };
/** Emptied by functions: an alarm when that takes more than half an hour. */
const WORK = [
  ...['WorkFailuresQueue', 'SegmentsQueue', 'JoinsQueue'],
  ...Object.keys(kinds).map((kind) => `${logical(kind)}Queue`),
];

/** @param {string} name @param {string} description @param {object} metric */
function alarm(name, description, metric) {
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: `\${self:service}-\${sls:stage}-${name}`,
      AlarmActions: {
        'Fn::If': ['HasAlarmTopic', [`\${param:alarmTopicArn, 'none'}`], { Ref: 'AWS::NoValue' }],
      },
      AlarmDescription: description,
      Period: 60,
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
      ...metric,
    },
  };
}

/** @param {string} name @param {string} metric @param {string} description @param {object} when */
function ofFunction(name, metric, description, when) {
  return alarm(`${name}-${metric}`, description, {
    Namespace: 'AWS/Lambda',
    MetricName: metric,
    Dimensions: [{ Name: 'FunctionName', Value: `\${self:service}-\${sls:stage}-${name}` }],
    Statistic: 'Sum',
    ...when,
  });
}

/** @param {string} queue @param {string} metric @param {string} description @param {object} when */
function ofQueue(queue, metric, description, when) {
  return alarm(`${queue}-${metric}`, description, {
    Namespace: 'AWS/SQS',
    MetricName: metric,
    Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [queue, 'QueueName'] } }],
    Statistic: 'Maximum',
    EvaluationPeriods: 1,
    ...when,
  });
}

const TWICE = { EvaluationPeriods: 5, DatapointsToAlarm: 2 };
const ONCE = { EvaluationPeriods: 1 };

const Resources = Object.fromEntries([
  ...[...ASYNCHRONOUS, ...WORKERS, ...INVOKED].flatMap((name) => [
    [`${logical(name)}ErrorsAlarm`, ofFunction(name, 'Errors', `${name} fails.`, TWICE)],
    [
      `${logical(name)}ThrottlesAlarm`,
      ofFunction(name, 'Throttles', `${name} is throttled.`, TWICE),
    ],
  ]),
  ...ASYNCHRONOUS.map((name) => [
    `${logical(name)}DestinationAlarm`,
    ofFunction(
      name,
      'DestinationDeliveryFailures',
      `Given up events of ${name} did not reach the failures queue.`,
      ONCE,
    ),
  ]),
  ...Object.entries(FAILURES).map(([queue, description]) => [
    `${queue}Alarm`,
    ofQueue(queue, 'ApproximateNumberOfMessagesVisible', description, {}),
  ]),
  ...WORK.map((queue) => [
    `${queue}Alarm`,
    ofQueue(queue, 'ApproximateAgeOfOldestMessage', `Work waits in ${queue}.`, { Threshold: 1800 }),
  ]),
]);

module.exports = {
  Conditions: {
    HasAlarmTopic: { 'Fn::Not': [{ 'Fn::Equals': [`\${param:alarmTopicArn, 'none'}`, 'none'] }] },
  },
  Resources,
};
