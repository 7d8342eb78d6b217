import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CfnBucket,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import type { ServiceFunction } from './service-function.ts';

/** An export may take 12 hours, an import 26; what nobody has removed by then nobody needs. */
const LONGEST = Duration.days(3);
const A_DAY = Duration.days(1);

const READ = ['s3:GetObject', 's3:GetObjectVersion'];
/** `DeleteObject` without a version would only hide an archive, and is not given. */
const REMOVE = ['s3:DeleteObjectVersion', 's3:AbortMultipartUpload'];
const WRITE = ['s3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'];

/** The bucket of archives: projects on their way from one GitLab to the other, with their confidential issues. */
export class ArchiveBucket extends Construct {
  readonly bucket: Bucket;
  readonly #key: Key;

  constructor(scope: Construct, id: string, props: { removeOnDestroy: boolean }) {
    super(scope, id);
    const removalPolicy = props.removeOnDestroy ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN;
    this.#key = new Key(this, 'Key', {
      description: 'Encrypts the archives of projects at rest',
      enableKeyRotation: true,
      removalPolicy,
    });
    this.bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      encryption: BucketEncryption.KMS,
      encryptionKey: this.#key,
      // One request to KMS for many parts instead of one for each.
      bucketKeyEnabled: true,
      // A URL is signed for one version, so that what was checked is what is fetched.
      versioned: true,
      lifecycleRules: [
        {
          expiration: LONGEST,
          noncurrentVersionExpiration: A_DAY,
          abortIncompleteMultipartUploadAfter: A_DAY,
        },
      ],
      removalPolicy,
    });
    acknowledge(
      this.bucket,
      'S1',
      'Each fetch is a log line and a metric of the function that signs its URL; a log of the bucket would hold the signed URLs.',
    );
  }

  /** Storing, reading and removing archives. */
  grantAll(grantee: ServiceFunction): void {
    this.#grantObjects(grantee, [...new Set([...WRITE, ...READ, ...REMOVE])]);
    this.#grantLists(grantee, ['s3:ListBucket', 's3:ListBucketVersions', 's3:ListBucketMultipartUploads']);
    this.#grantKey(grantee, ['kms:Decrypt', 'kms:GenerateDataKey']);
  }

  /** Reading and removing archives. */
  grantRead(grantee: ServiceFunction): void {
    this.#grantObjects(grantee, [...READ, ...REMOVE]);
    this.#grantLists(grantee, ['s3:ListBucket', 's3:ListBucketVersions', 's3:ListBucketMultipartUploads']);
    this.#grantKey(grantee, ['kms:Decrypt']);
  }

  /** Removing archives, unread. */
  grantRemove(grantee: ServiceFunction): void {
    this.#grantObjects(grantee, REMOVE);
    this.#grantLists(grantee, ['s3:ListBucketVersions', 's3:ListBucketMultipartUploads']);
  }

  /** Signing URLs that read archives: who signs one gives rights of its own away. */
  grantSign(grantee: ServiceFunction): void {
    this.#grantObjects(grantee, READ);
    this.#grantKey(grantee, ['kms:Decrypt']);
  }

  #grantObjects(grantee: ServiceFunction, actions: string[]): void {
    grantee.ownRole.addToPrincipalPolicy(
      new PolicyStatement({ actions, resources: [this.bucket.arnForObjects('archives/*')] }),
    );
    acknowledge(
      grantee.ownRole,
      `IAM5[Resource::<${Stack.of(this).getLogicalId(this.bucket.node.defaultChild as CfnBucket)}.Arn>/archives/*]`,
      'Keys of archives hold ids of imports, which cannot be named in advance.',
    );
  }

  /** Of the whole bucket, in which is nothing else: whoever may not list it is told 403 of an archive that is not there. */
  #grantLists(grantee: ServiceFunction, actions: string[]): void {
    grantee.ownRole.addToPrincipalPolicy(
      new PolicyStatement({ actions, resources: [this.bucket.bucketArn] }),
    );
  }

  /** S3 uses the key with the rights of whoever asks, so they need them, but only there. */
  #grantKey(grantee: ServiceFunction, actions: string[]): void {
    grantee.ownRole.addToPrincipalPolicy(
      new PolicyStatement({
        actions,
        resources: [this.#key.keyArn],
        conditions: { StringEquals: { 'kms:ViaService': `s3.${Stack.of(this).region}.amazonaws.com` } },
      }),
    );
  }
}
