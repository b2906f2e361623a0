//! Tests of the conversion of data, which only this binding does. The vectors pin the behaviour of a breaker.

use crate::breaker::*;
use crate::data::{data, plain};
use breaker_bridge::Value;
use js_sys::{Array, Function, JSON, Reflect};
use std::format;
use std::string::String;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

/// Evaluates a JavaScript expression.
fn js(expression: &str) -> JsValue {
    let body = format!("return {expression}");
    Function::new_no_args(&body).call0(&JsValue::NULL).unwrap()
}

fn make(options: &str) -> u32 {
    let created = create(js(options), 0.0);
    created.as_f64().expect("the options are accepted") as u32
}

fn problems(options: &str) -> String {
    let created = create(js(options), 0.0);
    let problems: Array = created.dyn_into().expect("the options are rejected");
    let lines = problems.iter().map(|problem| {
        let member = |name: &str| {
            Reflect::get(&problem, &name.into())
                .unwrap()
                .as_string()
                .unwrap()
        };
        format!("{} {}", member("option"), member("kind"))
    });
    lines.collect::<Vec<_>>().join(", ")
}

#[wasm_bindgen_test]
fn options_arrive_unchanged() {
    let handle = make("({failureThreshold: 1, timeout: false, window: {type: 'count', size: 10}})");
    settle(handle, admit(handle, 0.0), 1, 0.0, f64::NAN);
    assert_eq!(retry_after(handle, 0.0), 60_000.0);
    free(handle);
}

#[wasm_bindgen_test]
fn a_value_without_data_has_the_wrong_type() {
    assert_eq!(
        problems("({failureThreshold: () => 1})"),
        "failureThreshold type"
    );
    assert_eq!(
        problems("({failureThreshold: Symbol('x')})"),
        "failureThreshold type"
    );
    assert_eq!(
        problems("({failureThreshold: 5n})"),
        "failureThreshold type"
    );
    assert_eq!(
        problems("({failureThreshold: new Number(5)})"),
        "failureThreshold type"
    );
    assert_eq!(
        problems("({failureThreshold: undefined})"),
        "failureThreshold type"
    );
    assert_eq!(problems("undefined"), " type");
    assert_eq!(problems("'x'"), " type");
}

#[wasm_bindgen_test]
fn numbers_that_json_cannot_write_arrive_unchanged() {
    assert_eq!(
        problems("({timeout: NaN, resetTimeout: Infinity})"),
        "resetTimeout range, timeout range"
    );
}

#[wasm_bindgen_test]
fn an_own_property_called_proto_is_an_ordinary_option() {
    assert_eq!(
        problems(r#"JSON.parse('{"__proto__": {"failureThreshold": 1}}')"#),
        "__proto__ unknown"
    );
}

#[wasm_bindgen_test]
fn text_keeps_every_character() {
    assert_eq!(
        problems("({'größe \\u{1F9EF}': 1})"),
        "größe \u{1F9EF} unknown"
    );
}

#[wasm_bindgen_test]
fn a_snapshot_is_plain_data_and_can_be_restored() {
    let handle = make("({failureThreshold: 1})");
    settle(handle, admit(handle, 0.0), 1, 0.0, 5.0);
    let saved = snapshot(handle, 10.0);
    let text = JSON::stringify(&saved).unwrap();
    let back = restore(js("({})"), JSON::parse(&String::from(text)).unwrap(), 0.0)
        .as_f64()
        .unwrap() as u32;
    assert_eq!(retry_after(back, 0.0), 59_990.0);
    free(handle);
    free(back);
}

#[wasm_bindgen_test]
fn readings_are_written_into_the_caller_s_array() {
    let handle = make("({})");
    let mut row = [f64::NAN; 3];
    stats(handle, 0.0, &mut row);
    assert_eq!(row, [0.0, 0.0, 0.0]);
    let mut row = [7.0; 100];
    explain(handle, 0.0, &mut row);
    assert_eq!(row[99], 7.0);
    free(handle);
}

#[wasm_bindgen_test]
fn an_unknown_handle_returns_a_neutral_value_without_a_trap() {
    let freed = make("({})");
    let before = breaker_count();
    free(freed);
    free(freed);
    assert_eq!(breaker_count(), before - 1);
    assert_eq!(word(freed), -1);
    assert_eq!(poll(freed, 0.0), -1);
    assert!(admit(freed, 0.0).is_nan());
    assert!(retry_after(0, 0.0).is_nan());
    assert_eq!(settle(freed, 0.0, 0, 0.0, 0.0), -1);
    assert_eq!(settle_open_for(freed, 0.0, 0.0, 0.0, 1.0), -1);
    assert_eq!(set_override(u32::MAX, 1, 0.0), -1);
    assert_eq!(release_forced_open(freed, 0.0), -1);
    assert_eq!(reset(freed, 0.0), -1);
    assert!(snapshot(freed, 0.0).is_null());
}

#[wasm_bindgen_test]
fn numbers_out_of_range_do_not_trap() {
    let handle = make("({})");
    for odd in [
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        -1.0,
        1e300,
        f64::MIN_POSITIVE,
    ] {
        settle(handle, odd, 77, odd, odd);
        settle_open_for(handle, odd, odd, odd, odd);
        set_override(handle, 99, odd);
        admit(handle, odd);
        poll(handle, odd);
    }
    free(handle);
}
