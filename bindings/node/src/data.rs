//! Conversion of JavaScript values to plain data, on cold paths only. napi's own serde reader is unsuitable: it
//! rounds numbers near 0 and saturates large ones, but both bindings must accept the same options.

use breaker_bridge::Value;
use napi::bindgen_prelude::{Array, FromNapiValue, JsObjectValue, Object, Unknown};
use napi::{JsValue, Result, ValueType};

/// Converts a JavaScript value to data. A value without data becomes [`Value::Null`], and the bridge then reports the
/// accepted type.
pub fn data(value: Unknown<'_>) -> Result<Value> {
    Ok(match value.get_type()? {
        ValueType::Number => Value::Number(read(value)?),
        ValueType::Boolean => Value::Bool(read(value)?),
        ValueType::String => Value::Text(read(value)?),
        ValueType::Object if value.is_array()? => {
            let items: Array<'_> = read(value)?;
            let items = (0..items.len()).map(|index| items.get::<Unknown<'_>>(index));
            Value::Array(
                items
                    .map(|item| item?.map_or(Ok(Value::Null), data))
                    .collect::<Result<_>>()?,
            )
        }
        ValueType::Object => {
            let object: Object<'_> = read(value)?;
            let names = Object::keys(&object)?.into_iter();
            let properties = names.map(|name| {
                let value: Unknown<'_> = object.get_named_property(&name)?;
                Ok((name, data(value)?))
            });
            Value::Object(properties.collect::<Result<_>>()?)
        }
        _ => Value::Null,
    })
}

fn read<'v, T: FromNapiValue>(value: Unknown<'v>) -> Result<T> {
    T::from_unknown(value)
}
