//! Tests of the whole way from text to configuration: faulty files with the faults they are to
//! yield, and the files of `deploy/`.
