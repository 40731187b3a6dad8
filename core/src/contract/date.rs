//! Days of the calendar. The engine has no clock: whoever asks says what day it is.

use std::fmt;

/// A day, as a number since 1970-01-01.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(i64);

impl Date {
    pub fn from_unix_seconds(seconds: i64) -> Date {
        Date(seconds.div_euclid(86_400))
    }

    /// `YYYY-MM-DD`, also at the start of an RFC 3339 time.
    pub fn parse(text: &str) -> Option<Date> {
        let day = text.get(..10)?;
        let is_time = text.len() == 10 || matches!(text.as_bytes()[10], b'T' | b't' | b' ');
        let mut parts = day.split('-');
        let mut number = |digits: usize| {
            let part = parts.next().filter(|p| p.len() == digits)?;
            part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse::<i64>().ok())?
        };
        let (year, month, day) = (number(4)?, number(2)?, number(2)?);
        let date = Date(days_from_civil(year, month, day));
        (is_time && date.civil() == (year, month, day)).then_some(date)
    }

    /// Exactly `YYYY-MM-DD`.
    pub fn parse_day(text: &str) -> Option<Date> {
        Date::parse(text).filter(|_| text.len() == 10)
    }

    pub fn days_since(self, earlier: Date) -> i64 {
        self.0 - earlier.0
    }

    /// Year, month and day (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    fn civil(self) -> (i64, i64, i64) {
        let z = self.0 + 719_468;
        let era = z.div_euclid(146_097);
        let day_of_era = z.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let m = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * m + 2) / 5 + 1;
        let month = if m < 10 { m + 3 } else { m - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        (year, month, day)
    }
}

fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let m = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * m + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::Date;

    #[test]
    fn dates_are_read_and_written() {
        assert_eq!(Date::parse("1970-01-02"), Some(Date(1)));
        assert_eq!(Date::parse("2024-02-29T10:00:00Z").unwrap().to_string(), "2024-02-29");
        assert_eq!(Date::parse("2023-02-29"), None);
        assert_eq!(Date::parse("soon"), None);
        assert_eq!(Date::parse_day("1970-01-02"), Some(Date(1)));
        assert_eq!(Date::parse_day("1970-01-02T00:00:00Z"), None);
        assert_eq!(Date::parse_day("1970-1-2"), None);
        assert_eq!(Date::from_unix_seconds(-1).to_string(), "1969-12-31");
    }
}
