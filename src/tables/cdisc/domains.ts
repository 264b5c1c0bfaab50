import { type Domain, variables } from './dataset.ts';

// Variables of SDTMIG 3.4: those required and expected, and the permissible ones that are filled here.

/** Demographics: one record a person. */
export const DM: Domain = {
  name: 'DM',
  label: 'Demographics',
  keys: ['STUDYID', 'USUBJID'],
  variables: variables(`
    Req STUDYID 20 Study Identifier
    Req DOMAIN 2 Domain Abbreviation
    Req USUBJID 64 Unique Subject Identifier
    Req SUBJID 40 Subject Identifier for the Study
    Exp RFSTDTC 32 Subject Reference Start Date/Time
    Exp RFENDTC 32 Subject Reference End Date/Time
    Exp RFXSTDTC 32 Date/Time of First Study Treatment
    Exp RFXENDTC 32 Date/Time of Last Study Treatment
    Exp RFICDTC 32 Date/Time of Informed Consent
    Exp RFPENDTC 32 Date/Time of End of Participation
    Exp DTHDTC 32 Date/Time of Death
    Exp DTHFL 1 Subject Death Flag
    Req SITEID 20 Study Site Identifier
    Exp AGE integer Age
    Exp AGEU 10 Age Units
    Req SEX 20 Sex
    Exp RACE 60 Race
    Exp ARMCD 20 Planned Arm Code
    Exp ARM 40 Description of Planned Arm
    Exp ACTARMCD 20 Actual Arm Code
    Exp ACTARM 40 Description of Actual Arm
    Exp ARMNRS 40 Reason Arm and/or Actual Arm is Null
    Exp ACTARMUD 40 Description of Unplanned Actual Arm
    Req COUNTRY 3 Country`),
};

/** Supplemental qualifiers of DM. */
export const SUPPDM: Domain = {
  name: 'SUPPDM',
  label: 'Supplemental Qualifiers for DM',
  keys: ['STUDYID', 'RDOMAIN', 'USUBJID', 'IDVAR', 'IDVARVAL', 'QNAM'],
  variables: variables(`
    Req STUDYID 20 Study Identifier
    Req RDOMAIN 2 Related Domain Abbreviation
    Req USUBJID 64 Unique Subject Identifier
    Exp IDVAR 8 Identifying Variable
    Exp IDVARVAL 40 Identifying Variable Value
    Req QNAM 8 Qualifier Variable Name
    Req QLABEL 40 Qualifier Variable Label
    Req QVAL 200 Data Value
    Req QORIG 20 Origin
    Exp QEVAL 40 Evaluator`),
};

/** Criteria that a person does not satisfy; those satisfied have no record (SDTMIG 3.4, IE). */
export const IE: Domain = {
  name: 'IE',
  label: 'Inclusion/Exclusion Criteria Not Met',
  keys: ['STUDYID', 'USUBJID', 'IETESTCD'],
  variables: variables(`
    Req STUDYID 20 Study Identifier
    Req DOMAIN 2 Domain Abbreviation
    Req USUBJID 64 Unique Subject Identifier
    Req IESEQ integer Sequence Number
    Req IETESTCD 8 Incl/Excl Criterion Short Name
    Req IETEST 200 Inclusion/Exclusion Criterion
    Req IECAT 10 Inclusion/Exclusion Category
    Req IEORRES 1 I/E Criterion Original Result
    Req IESTRESC 1 I/E Criterion Result in Std Format`),
};

/** Disposition: consent, entry and end. */
export const DS: Domain = {
  name: 'DS',
  label: 'Disposition',
  keys: ['STUDYID', 'USUBJID', 'DSSTDTC', 'DSCAT', 'DSDECOD', 'DSREFID'],
  variables: variables(`
    Req STUDYID 20 Study Identifier
    Req DOMAIN 2 Domain Abbreviation
    Req USUBJID 64 Unique Subject Identifier
    Req DSSEQ integer Sequence Number
    Perm DSREFID 40 Reference ID
    Req DSTERM 200 Reported Term for the Disposition Event
    Req DSDECOD 60 Standardized Disposition Term
    Exp DSCAT 40 Category for Disposition Event
    Exp DSSTDTC 32 Start Date/Time of Disposition Event`),
};

/** Adverse events. AEDECOD needs MedDRA, which nobody here may hand on: it stays empty for the study's coders. */
export const AE: Domain = {
  name: 'AE',
  label: 'Adverse Events',
  keys: ['STUDYID', 'USUBJID', 'AESTDTC', 'AESPID'],
  variables: variables(`
    Req STUDYID 20 Study Identifier
    Req DOMAIN 2 Domain Abbreviation
    Req USUBJID 64 Unique Subject Identifier
    Req AESEQ integer Sequence Number
    Perm AESPID 40 Sponsor-Defined Identifier
    Req AETERM 200 Reported Term for the Adverse Event
    Exp AEDECOD 200 Dictionary-Derived Term
    Exp AEBODSYS 200 Body System or Organ Class
    Perm AESEV 10 Severity/Intensity
    Exp AESER 1 Serious Event
    Exp AEREL 20 Causality
    Perm AEOUT 40 Outcome of Adverse Event
    Perm AESCONG 1 Congenital Anomaly or Birth Defect
    Perm AESDISAB 1 Persist or Signif Disability/Incapacity
    Perm AESDTH 1 Results in Death
    Perm AESHOSP 1 Requires or Prolongs Hospitalization
    Perm AESLIFE 1 Is Life Threatening
    Perm AESMIE 1 Other Medically Important Serious Event
    Perm AEDTC 32 Date/Time of Collection
    Exp AESTDTC 32 Start Date/Time of Adverse Event
    Exp AEENDTC 32 End Date/Time of Adverse Event`),
};

/** What happened to specimens. */
export const BE: Domain = {
  name: 'BE',
  label: 'Biospecimen Events',
  keys: ['STUDYID', 'USUBJID', 'BEREFID', 'BESTDTC', 'BECAT', 'BETERM'],
  variables: variables(`
    Req STUDYID 20 Study Identifier
    Req DOMAIN 2 Domain Abbreviation
    Req USUBJID 64 Unique Subject Identifier
    Req BESEQ integer Sequence Number
    Exp BEREFID 40 Reference ID
    Req BETERM 200 Reported Term for the Biospecimen Event
    Perm BECAT 40 Category for Biospecimen Event
    Perm BELOC 60 Anatomical Location of Event
    Exp BESTDTC 32 Start Date/Time of Biospecimen Event
    Exp BEENDTC 32 End Date/Time of Biospecimen Event`),
};

/** What was found of specimens. */
export const BS: Domain = {
  name: 'BS',
  label: 'Biospecimen Findings',
  keys: ['STUDYID', 'USUBJID', 'BSREFID', 'BSTESTCD', 'BSORRES'],
  variables: variables(`
    Req STUDYID 20 Study Identifier
    Req DOMAIN 2 Domain Abbreviation
    Req USUBJID 64 Unique Subject Identifier
    Req BSSEQ integer Sequence Number
    Exp BSREFID 40 Reference ID
    Req BSTESTCD 8 Biospecimen Test Short Name
    Req BSTEST 40 Biospecimen Test Name
    Exp BSCAT 40 Category for Biospecimen Test
    Exp BSORRES 200 Result or Finding in Original Units
    Exp BSORRESU 20 Original Units
    Exp BSSTRESC 200 Character Result/Finding in Std Format
    Exp BSSTRESN decimal Numeric Result/Finding in Standard Units
    Exp BSSTRESU 20 Standard Units
    Exp BSSPEC 40 Specimen Type
    Exp BSDTC 32 Date/Time of Specimen Collection`),
};

/** What was made of what. */
export const RELSPEC: Domain = {
  name: 'RELSPEC',
  label: 'Related Specimens',
  keys: ['STUDYID', 'USUBJID', 'REFID', 'PARENT'],
  variables: variables(`
    Req STUDYID 20 Study Identifier
    Req USUBJID 64 Unique Subject Identifier
    Req REFID 40 Reference ID
    Perm SPEC 40 Specimen Type
    Exp PARENT 40 Specimen Parent
    Req LEVEL integer Specimen Level`),
};
