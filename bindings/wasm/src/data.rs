//! Conversion between JavaScript values and plain data, on cold paths only.

use alloc::vec::Vec;
use breaker_bridge::Value;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Array, js_name = isArray)]
    fn is_array(value: &JsValue) -> bool;

    #[wasm_bindgen(js_namespace = Object)]
    fn keys(object: &JsValue) -> Vec<JsValue>;

    #[wasm_bindgen(js_namespace = Object)]
    fn values(object: &JsValue) -> Vec<JsValue>;

    #[wasm_bindgen(js_namespace = Object, js_name = fromEntries)]
    fn from_entries(entries: Vec<JsValue>) -> JsValue;

    #[wasm_bindgen(js_namespace = Array, js_name = of)]
    fn entry(name: &str, value: JsValue) -> JsValue;
}

/// Converts a JavaScript value to data. A value without data becomes [`Value::Null`], and the bridge then reports the
/// accepted type.
pub(crate) fn data(value: &JsValue) -> Value {
    if let Some(number) = value.as_f64() {
        Value::Number(number)
    } else if let Some(boolean) = value.as_bool() {
        Value::Bool(boolean)
    } else if let Some(text) = value.as_string() {
        Value::Text(text)
    } else if is_array(value) {
        Value::Array(values(value).iter().map(data).collect())
    } else if value.is_object() {
        let names = keys(value)
            .into_iter()
            .map(|name| name.as_string().unwrap_or_default());
        Value::Object(names.zip(values(value).iter().map(data)).collect())
    } else {
        Value::Null
    }
}

/// Converts data to a JavaScript value.
pub(crate) fn plain(value: &Value) -> JsValue {
    match value {
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().into(),
        Value::Bool(boolean) => (*boolean).into(),
        Value::Null => JsValue::NULL,
        Value::Number(number) => (*number).into(),
        Value::Object(properties) => from_entries(
            properties
                .iter()
                .map(|(name, value)| entry(name, plain(value)))
                .collect(),
        ),
        Value::Text(text) => text.into(),
    }
}
